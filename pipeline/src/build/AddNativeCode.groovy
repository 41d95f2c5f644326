// Adds native code to the jar, compressed as it came: to compress libtorch anew took more than half of the time of packing.
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream
import org.apache.commons.compress.archivers.zip.ZipFile

def platform = project.properties['native.platform']
def added = [
    // All that is loaded; not what describes it to GraalVM's native-image.
    'pytorch-native-cpu': ~/(native|pytorch)\/.*[^\/]/,
    // Without a second binding, for LAPACK written in C.
    'openblas': ~"org/bytedeco/openblas/$platform/(?!libjniopenblas_full)[^/]+[.]so.*",
    // What decodes images, of two dozen modules.
    'opencv': ~"org/bytedeco/opencv/$platform/lib(jni)?opencv_(core|imgproc|imgcodecs)[.]so.*",
]

def target = new File(project.build.directory)
def jar = new File(target, project.build.finalName + '.jar')
def classes = new File(target, 'without-native-code.jar')
def whole = new File(target, 'unfinished.jar')
new ZipArchiveOutputStream(whole).withCloseable { out ->
  def copy = { File file, pattern ->
    ZipFile.builder().setFile(file).get().withCloseable { zip ->
      assert zip.entries.any { it.name ==~ pattern }
      zip.copyRawEntries(out, { entry -> entry.name ==~ pattern })
    }
  }
  copy(classes, ~/.*/)
  added.each { name, pattern ->
    copy(project.artifacts.find { it.artifactId == name && it.classifier == platform }.file, pattern)
  }
}
// Until it is whole, no jar is there.
assert jar.renameTo(new File(target, 'original-' + jar.name))
assert whole.renameTo(jar)
assert classes.delete()
