package io.simmim.pipeline.report.html;

/**
 * Where a page is looked at.
 *
 * <p>Its policy forbids what the page does not do anyway, whatever was in the names of files.
 */
public enum PageFrame {
  /** In a file: no script, no link, nothing is asked of any network. */
  FILE(
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
          + " form-action 'none'"),
  /** Served by {@code report --serve}: one script of ours renews it. */
  SERVED(
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'self';"
          + " connect-src 'self'; base-uri 'none'; form-action 'self'");

  /** What {@link #SERVED} pages load from where they are. */
  public static final String SCRIPT = "live.js";

  private static final String SECONDS_WITHOUT_SCRIPTS = "15";

  private final String policy;

  PageFrame(String policy) {
    this.policy = policy;
  }

  /** What a browser may do with the page, as a content security policy. */
  public String policy() {
    return policy;
  }

  /** Begins a page; its main part is open then. */
  Html begin(String title) {
    Html page = new Html();
    page.begin("html", "lang", "en").begin("head").empty("meta", "charset", "utf-8");
    page.empty("meta", "http-equiv", "Content-Security-Policy", "content", policy);
    page.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    page.empty("meta", "name", "color-scheme", "content", "light dark");
    page.element("title", title);
    page.begin("style").ours("\n" + PageStyle.CSS).end();
    if (this == SERVED) {
      page.element("script", "", "src", SCRIPT, "defer", "defer");
      page.begin("noscript");
      page.empty("meta", "http-equiv", "refresh", "content", SECONDS_WITHOUT_SCRIPTS).end();
    }
    page.end().begin("body");
    if (this == SERVED) {
      page.element("p", "", "id", "connection", "role", "status");
    }
    return page.begin("main");
  }
}
