package io.simmim.pipeline.report.html;

/** How the page looks: in light and dark, on a phone and in print. */
final class PageStyle {
  /** The colours of charts are those of {@code Svg}; in print they are those of light paper. */
  static final String CSS =
      """
      :root{color-scheme:light dark;--ink:#1c1e21;--soft:#565c64;--paper:#f4f5f7;--card:#fff;--line:#d5d9de;
      --good:#00704f;--warn:#8a4b00;--bad:#b3261e;--chart-ink:#33373d;--chart-paper:#fff;--a:#0072b2;--b:#d55e00;
      --c:#7a8088;--d:#b5548b;--e:#009e73;--f:#b87f00;--g:#3f95c9;--h:#8c5a4d;--i:#7d3560;--j:#9c8bb0;--k:#4a4f57}
      @media (prefers-color-scheme:dark){:root{--ink:#e6e8eb;--soft:#a6adb7;--paper:#101216;--card:#181b20;
      --line:#343a43;--good:#4fd1a5;--warn:#f2b35e;--bad:#ff8a80;--chart-ink:#c9ced6;--chart-paper:#181b20;
      --a:#56b4e9;--b:#ff9248;--c:#8a919b;--d:#e59ac2;--e:#2fc79b;--f:#f0c04a;--g:#9ad4f5;--h:#c49c94;--i:#b0709a;--j:#b7a8cc;--k:#c6ccd4}}
      *{box-sizing:border-box}
      body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
      main{max-width:76rem;margin:0 auto;padding:1.25rem clamp(.75rem,3vw,2rem) 3rem}
      h1{font-size:1.35rem;line-height:1.25;margin:.25rem 0;overflow-wrap:anywhere}
      h2{font-size:1.15rem;margin:2.25rem 0 .5rem}
      h3{font-size:1rem;margin:1.25rem 0 .25rem}
      p{margin:.4rem 0;max-width:70ch}
      .soft,figcaption{color:var(--soft);font-size:.9rem}
      .state{font-size:1.1rem;font-weight:600;border-left:.35rem solid var(--c);padding:.4rem .8rem;
      background:var(--card);max-width:none}
      .state.good{border-color:var(--good)}.state.warn{border-color:var(--warn)}.state.bad{border-color:var(--bad)}
      .note{border-left:.35rem solid var(--warn);padding:.2rem .8rem;background:var(--card)}
      .facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(11rem,1fr));gap:.6rem;margin:1rem 0;padding:0}
      .facts div{background:var(--card);border:1px solid var(--line);border-radius:.4rem;padding:.5rem .75rem}
      .facts dt{color:var(--soft);font-size:.85rem}
      .facts dd{margin:0;font-weight:600;font-size:1.1rem;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
      .facts dd small{display:block;font-weight:400;font-size:.8rem;color:var(--soft)}
      .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,27rem),1fr));gap:1rem}
      figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:.4rem;padding:.5rem}
      figure .chart{width:100%;height:auto;display:block}
      figure img{width:100%;height:auto;display:block;image-rendering:pixelated}
      figcaption{padding:.25rem .5rem .35rem}
      .scroll{overflow-x:auto;margin:.75rem 0;max-width:100%}
      table{border-collapse:collapse;background:var(--card);font-size:.92rem;font-variant-numeric:tabular-nums}
      caption{text-align:left;color:var(--soft);font-size:.9rem;padding-bottom:.3rem}
      th,td{border:1px solid var(--line);padding:.3rem .6rem;text-align:left;vertical-align:top}
      thead th{border-bottom-width:2px;white-space:nowrap}
      td{min-width:7.2rem}td,td code{overflow-wrap:break-word;word-break:break-word}tbody th{font-weight:500}
      code{font-family:ui-monospace,monospace;font-size:.9em;overflow-wrap:anywhere}
      tbody th code{overflow-wrap:break-word}
      .bar{display:flex;height:1.4rem;border-radius:.3rem;overflow:hidden;margin:.6rem 0;background:var(--line)}
      .bar span{display:block;min-width:0}
      .key{display:inline-block;width:.8em;height:.8em;border-radius:.15em;margin-right:.45em}
      .fill-a{background:var(--a)}.fill-b{background:var(--b)}.fill-c{background:var(--c)}
      .fill-d{background:var(--d)}.fill-e{background:var(--e)}.fill-f{background:var(--f)}
      .fill-g{background:var(--g)}.fill-h{background:var(--h)}.fill-i{background:var(--i)}
      .fill-j{background:var(--j)}.fill-k{background:var(--k)}
      .mark.good{color:var(--good)}.mark.warn{color:var(--warn)}.mark.bad{color:var(--bad);font-weight:600}
      a{color:var(--a)}button{font:inherit;padding:.35rem .8rem}nav{margin-bottom:.5rem}
      #connection{margin:0;padding:0;max-width:none;background:var(--bad);color:var(--card);text-align:center}
      #connection:not(:empty){padding:.4rem}
      details{margin:.75rem 0}summary{cursor:pointer;font-weight:600}
      :focus-visible{outline:2px solid var(--a);outline-offset:2px}
      @media print{nav,button,#connection{display:none}:root{color-scheme:light;--ink:#000;--soft:#444;--paper:#fff;--card:#fff;--line:#bbb;--good:#00704f;
      --warn:#8a4b00;--bad:#b3261e;--chart-ink:#222;--chart-paper:#fff;--chart-1:#0072b2;--chart-2:#d55e00;
      --chart-3:#009e73;--chart-4:#b5548b;--chart-5:#b87f00;--chart-6:#3f95c9;--a:#0072b2;--b:#d55e00;--c:#7a8088;
      --d:#b5548b;--e:#009e73;--f:#b87f00;--g:#3f95c9;--h:#8c5a4d;--i:#7d3560;--j:#9c8bb0;--k:#4a4f57}
      body{font-size:11pt}main{max-width:none;padding:0}.charts{grid-template-columns:1fr 1fr}
      figure,tr,.facts div{break-inside:avoid}h2,h3,caption{break-after:avoid}.scroll{overflow:visible}td{min-width:5.5rem}
      .bar,.key{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
      """;

  private PageStyle() {}
}
