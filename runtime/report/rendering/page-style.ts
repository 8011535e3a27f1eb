/** @file The style of the page: one column on a phone, figures side by side on a wide screen, light and dark as the reader has it. */
import { DARK, figureStyle, LIGHT } from './palette.js';

const colors = (palette: typeof LIGHT): string => {
  const { paper, ink, soft, rule, shade, mark, measured, warn, warnPaper } = palette;
  return `:root{--paper:${paper};--ink:${ink};--soft:${soft};--rule:${rule};--shade:${shade};--mark:${mark};--measured:${measured};--warn:${warn};--warn-paper:${warnPaper}}
${figureStyle(palette)}`;
};

export const pageStyle = `${colors(LIGHT)}
@media (prefers-color-scheme: dark){
${colors(DARK)}
}
:root{color-scheme:light dark}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
header,main{max-width:76rem;margin:0 auto;padding:0 1rem}
main{padding-bottom:4rem}
h1{font-size:1.6rem;line-height:1.25;margin:1.5rem 0 .25rem;overflow-wrap:anywhere}
h2{font-size:1.3rem;line-height:1.3;margin:2.5rem 0 .5rem;padding-top:1rem;border-top:1px solid var(--rule);overflow-wrap:anywhere}
h3{font-size:1.05rem;margin:1.75rem 0 .25rem;overflow-wrap:anywhere}
p{max-width:44rem;margin:.5rem 0}
a{color:var(--mark)}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:2px solid var(--mark);outline-offset:2px}
.soft,.note,figcaption{color:var(--soft)}
.note,figcaption{font-size:.875rem;margin:.25rem 0}
.banner{max-width:none;padding:.6rem .8rem;background:var(--warn-paper);color:var(--warn);border-left:4px solid var(--warn)}
nav ul{list-style:none;margin:.25rem 0;padding:0}
nav>ul>li{padding:.1rem 0}
nav ul ul,nav ul ul li{display:inline}
nav ul ul li::before{content:" · "}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,22.5rem),1fr));gap:1.5rem;align-items:start;margin:.75rem 0}
figure{margin:0;min-width:0}
svg.figure{display:block;width:100%;max-width:26rem;height:auto}
details{margin:.35rem 0}
summary{cursor:pointer;color:var(--mark)}
.scroll{overflow-x:auto;max-width:100%;margin:.5rem 0}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;padding:.25rem 0;caption-side:top}
caption .title{display:inline-block;position:sticky;left:0;max-width:calc(100vw - 2rem)}
.stamp{color:var(--warn);font-size:.8rem;white-space:nowrap}
th,td{padding:.25rem .6rem;border-bottom:1px solid var(--rule);text-align:left;vertical-align:top}
thead th{border-bottom:2px solid var(--rule);font-weight:600}
tbody th{font-weight:400}
.number{text-align:right}
td.number{white-space:nowrap}
.published{font-style:italic;color:var(--soft)}
.measured{color:var(--measured)}
thead .published,thead .measured{border-top:3px solid currentColor}
td.measured.number{font-weight:600}
@media print{details{display:block}.scroll{overflow:visible}}
`;
