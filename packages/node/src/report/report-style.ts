/** How the report looks: light and dark, wide and narrow, and on paper. */
import { legendColor } from "../explain-image/cam-overlay.js";
import { baseStyle } from "../page/base-style.js";
import { hexColor } from "../page/color-map.js";

/** The colours of heat maps, over mid gray, from nothing to the most. */
const heatGradient = (): string =>
  `linear-gradient(to right,${Array.from({ length: 9 }, (_, i) => hexColor(legendColor(i / 8))).join(",")})`;

export const reportStyle = (): string => `${baseStyle}${colors}${text}${tables}${pictures(heatGradient())}${media}`;

/** s1 … s4: parts of a class, on which ink keeps a contrast of 4.5. */
const colors = `
:root{--caution:#7d5600;--wrong-1:#f7e6df;--wrong-2:#f2cdbf;--wrong-3:#eab29e;--wrong-4:#e39a80;--right-1:#e9eef5;--right-2:#d3dfee;--right-3:#bccfe6;--right-4:#a6c0de}
@media (prefers-color-scheme:dark){:root{--caution:#e3b862;--wrong-1:#33211b;--wrong-2:#4b2a20;--wrong-3:#653426;--wrong-4:#7e3f2c;--right-1:#1b222c;--right-2:#20303f;--right-3:#263d55;--right-4:#2c4b6b}}
`;

const text = `
h1,h2{font-family:"Iowan Old Style","Palatino Linotype",Palatino,"Book Antiqua",Georgia,"Liberation Serif",serif;font-weight:500;line-height:1.2;letter-spacing:-.01em;margin:0;text-wrap:balance}
h1{font-size:clamp(2.1rem,5vw,3.5rem);overflow-wrap:anywhere}
h2{font-size:clamp(1.4rem,2.4vw,1.85rem);margin-bottom:12px}
h3{font-size:1rem;font-weight:600;line-height:1.4;margin:24px 0 6px;overflow-wrap:anywhere}
section{margin-top:56px;padding-top:24px;border-top:1px solid var(--rule)}
p{max-width:68ch;margin:0 0 12px;text-wrap:pretty}
a{color:var(--focus)}
.skip{position:absolute;left:-9999px}.skip:focus{left:16px;top:16px;background:var(--paper);padding:8px 12px}
.eyebrow{font:600 14px var(--mono);color:var(--muted);margin-bottom:10px}
.lede{font-size:clamp(1.1rem,1.8vw,1.35rem);line-height:1.5;margin:20px 0 28px;padding-left:18px;border-left:4px solid var(--focus)}
.note,dt,figcaption,small,caption{color:var(--muted);font-size:14px;line-height:1.45}
.mono{font:14px/1.5 var(--mono);overflow-wrap:anywhere}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,220px),1fr));gap:16px 32px;margin:0 0 16px}
.tiles div{border-top:1px solid var(--rule);padding-top:8px}.tiles b{display:block;font-weight:500;font-size:2rem;line-height:1.25;font-variant-numeric:tabular-nums}.tiles span{color:var(--muted);font-variant-numeric:tabular-nums}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:0 22px;margin:32px 0 0;padding:12px 0 0;border-top:1px solid var(--rule);font-size:15px}
nav a{display:inline-block;padding:6px 0}
.cautions{list-style:none;margin:0;padding:0;display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:20px 48px}
.cautions li{border-left:4px solid var(--caution);padding-left:16px}.cautions h3{margin:0 0 4px}.cautions p{margin:0;font-size:15px}.cautions code{white-space:nowrap}
details{margin-top:16px}summary{cursor:pointer;font-weight:600;padding:8px 0}
.files{font:13px/1.6 var(--mono);padding-left:18px;overflow-wrap:anywhere}
pre{background:var(--panel);border:1px solid var(--rule);padding:12px 14px;overflow-x:auto;font:14px/1.5 var(--mono);margin:8px 0 16px}
code{font-family:var(--mono);font-size:.94em;overflow-wrap:anywhere}pre code{font-size:1em;overflow-wrap:normal}
`;

const tables = `
.scroll{overflow-x:auto;max-width:100%;margin:16px 0}
caption{text-align:left;padding-bottom:8px}caption span{display:block;max-width:calc(100vw - 48px)}
th,td{padding:7px 22px 7px 0;text-align:left;border-bottom:1px solid var(--rule);font-weight:400;vertical-align:top}
.numbers td,.numbers thead th{text-align:right}.numbers thead th:first-child{text-align:left}
.numbers td:last-child,.numbers th:last-child{padding-right:0}
thead th{color:var(--muted);font-size:14px;vertical-align:bottom}tbody th{font-weight:600;min-width:9ch;max-width:46ch;overflow-wrap:anywhere}.numbers td{white-space:nowrap}
td small,tbody th small{display:block;font-weight:400}
.words td{overflow-wrap:anywhere;min-width:12ch}
.matrix{border-collapse:separate;border-spacing:2px}
.matrix caption{padding-bottom:10px}.matrix caption span{width:max-content}
.matrix th,.matrix td{border:0;padding:0;text-align:center;vertical-align:middle}
.matrix tbody th{text-align:left;padding-right:12px;font-weight:400;max-width:26ch;white-space:nowrap;overflow:hidden;text-overflow:ellipsis;position:sticky;left:0;background:var(--paper)}.matrix tbody th span{color:var(--muted);display:inline-block;min-width:2ch;text-align:right;margin-right:6px}
.matrix td.right,.matrix td.wrong{min-width:44px;height:40px}.dense td.right,.dense td.wrong{min-width:34px;height:32px;font-size:14px}
.matrix a{display:grid;place-items:center;width:100%;height:100%;min-height:inherit;color:var(--ink);text-decoration:none}
.matrix a:hover{text-decoration:underline}
.none{color:var(--muted)}
.right{outline:1px solid var(--muted);outline-offset:-1px}
.wrong.s1{background:var(--wrong-1)}.wrong.s2{background:var(--wrong-2)}.wrong.s3{background:var(--wrong-3)}.wrong.s4{background:var(--wrong-4)}
.right.s1{background:var(--right-1)}.right.s2{background:var(--right-2)}.right.s3{background:var(--right-3)}.right.s4{background:var(--right-4)}
abbr{text-decoration:none}
.panel{display:none;background:var(--panel);border:1px solid var(--rule);padding:4px 20px 12px;margin-top:16px;scroll-margin-top:24px}
.panel:target{display:block}.panel:focus{outline:none}
`;

const pictures = (heat: string): string => `
figure{margin:0;min-width:0}
.shot{display:block;width:calc(var(--w)*var(--s,1)*1px);max-width:100%;aspect-ratio:var(--w)/var(--h);background-size:100% 100%;outline:1px solid var(--rule);print-color-adjust:exact;-webkit-print-color-adjust:exact}
.lost{--w:112;--h:84;display:grid;place-items:center;border:2px dashed var(--muted);outline:0;padding:6px;text-align:center;overflow:hidden}.lost small{font-size:12px;line-height:1.3}
.gallery,.strip{list-style:none;margin:16px 0 0;padding:0}
.gallery+.note{margin-top:16px}
.gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(112px,1fr));gap:24px 20px}
.gallery.pairs{grid-template-columns:repeat(auto-fill,minmax(min(100%,228px),1fr))}
.gallery li,.gallery figure{display:grid;grid-template-rows:subgrid;grid-row:span 2;gap:6px;min-width:0}
.shots{min-width:0;display:flex;gap:4px;align-items:flex-end}.pairs .shot{max-width:calc(50% - 2px)}
.gallery figcaption{font-size:13px}.gallery figcaption span{display:block;overflow-wrap:anywhere}.gallery b{color:var(--ink);font-weight:600}
.path{font:12px/1.4 var(--mono)}
.strip{--s:.77;display:flex;flex-wrap:wrap;align-items:flex-end;gap:10px;margin-top:4px}.strip figcaption{font-size:13px;margin-top:2px;font-variant-numeric:tabular-nums}
.columns{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,var(--column)),1fr));gap:8px 36px}
.examples h3 small{font-weight:400;margin-left:10px}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:28px 40px;margin:16px 0}
.chart{max-width:560px}.chart svg{display:block;width:100%;height:auto}.chart figcaption{margin-top:6px}
.legend .bar{height:10px;max-width:260px;background:${heat};outline:1px solid var(--rule);margin-bottom:6px}
`;

const media = `
@media (max-width:699px){
main{padding:36px 16px 64px}body{font-size:16px}section{margin-top:44px}
.tiles{grid-template-columns:1fr 1fr;gap:14px 20px}.tiles b{font-size:1.6rem}
th,td{padding-right:14px}table{font-size:14px}.matrix tbody th{max-width:11ch}
.gallery.pairs{grid-template-columns:repeat(2,minmax(0,1fr));gap:20px 14px}.strip{--s:.7;gap:8px}
}
@media print{
:root{--paper:#fff;--ink:#000;--muted:#444;--rule:#bbb;--panel:#f5f5f5;--focus:#235a9c;--caution:#7d5600;--wrong-1:#f7e6df;--wrong-2:#f2cdbf;--wrong-3:#eab29e;--wrong-4:#e39a80;--right-1:#e9eef5;--right-2:#d3dfee;--right-3:#bccfe6;--right-4:#a6c0de}
body{font-size:10.5pt}main{padding:0;max-width:none}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
nav,.skip{display:none}.panel:target{display:none}
.tiles{grid-template-columns:repeat(4,1fr)}.tiles b{font-size:1.5rem}.charts{grid-template-columns:1fr 1fr}.cautions{grid-template-columns:1fr 1fr}table,pre{font-size:9.5pt}
section{margin-top:24px}h2,h3{break-after:avoid}figure,tr,li,.examples{break-inside:avoid}
.scroll{overflow:visible}pre{white-space:pre-wrap}
details::details-content{content-visibility:visible;display:block;height:auto}
}
`;
