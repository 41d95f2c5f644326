package io.simmim.pipeline;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;

/** The modules know each other in one direction only. */
@AnalyzeClasses(packages = "io.simmim", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String SCHEMAS = "io.simmim.schemas..";
  private static final String OPERATORS = "io.simmim.operators..";
  private static final String TRAINER = "io.simmim.trainer..";
  private static final String PIPELINE = "io.simmim.pipeline..";

  private static final String INEXACT =
      "a?(sin|cos|tan)h?|atan2|exp|expm1|log|log10|log1p|pow|cbrt";

  @ArchTest
  static final ArchRule schemasKnowNoSibling =
      noClasses()
          .that()
          .resideInAPackage(SCHEMAS)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(OPERATORS, TRAINER, PIPELINE);

  @ArchTest
  static final ArchRule operatorsKnowSchemasOnly =
      noClasses()
          .that()
          .resideInAPackage(OPERATORS)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(TRAINER, PIPELINE);

  @ArchTest
  static final ArchRule trainerKnowsSchemasOnly =
      noClasses()
          .that()
          .resideInAPackage(TRAINER)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(OPERATORS, PIPELINE);

  /** Exports go to any of Flink's file systems. */
  @ArchTest
  static final ArchRule trainingKnowsNoFlink =
      noClasses()
          .that()
          .resideInAPackage(TRAINER)
          .and()
          .resideOutsideOfPackages("io.simmim.trainer.operator..", "io.simmim.trainer.export..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.flink..");

  @ArchTest
  static final ArchRule onlyTheCommandLineKnowsPicocli =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.simmim.pipeline.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("picocli..");

  /**
   * What these of {@link Math} give may differ by a bit between processors and versions of Java;
   * {@link StrictMath} has them too. Samples and weights must not.
   */
  @ArchTest
  static final ArchRule samplesAndWeightsAreTheSameOnEveryMachine =
      noClasses()
          .that()
          .resideInAnyPackage(SCHEMAS, OPERATORS, TRAINER)
          .should()
          .callMethodWhere(
              target(owner(equivalentTo(Math.class))).and(target(nameMatching(INEXACT))));

  /**
   * A TaskManager has the locale of its machine, and some have digits of their own: these packages
   * write names of files, keys and markup, what lists of images hold, or why an image is rejected,
   * so they say {@link java.util.Locale#ROOT}.
   */
  @ArchTest
  static final ArchRule whatIsReadAgainHasNoDigitsOfALocale =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.simmim.operators.catalog.tar..",
              "io.simmim.operators.image.codec..",
              "io.simmim.operators.image.format..",
              "io.simmim.operators.image.jpeg..",
              "io.simmim.operators.image.pixel..",
              "io.simmim.operators.image.png..",
              "io.simmim.operators.source.fetch..",
              "io.simmim.operators.source.reader..",
              "io.simmim.operators.trial..",
              "io.simmim.pipeline.chart..",
              "io.simmim.pipeline.estimate..",
              "io.simmim.pipeline.replay..",
              "io.simmim.pipeline.report..",
              "io.simmim.pipeline.show..",
              "io.simmim.pipeline.sink..",
              "io.simmim.pipeline.tensorboard..",
              "io.simmim.pipeline.watch..")
          .should()
          .callMethod(String.class, "formatted", Object[].class)
          .orShould()
          .callMethod(String.class, "format", String.class, Object[].class);

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      SlicesRuleDefinition.slices().matching("io.simmim.(**)").should().beFreeOfCycles();
}
