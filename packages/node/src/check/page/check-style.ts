/** How the page looks: light and dark, wide and narrow, and on paper. */
import { baseStyle } from "../../page/base-style.js";

export const checkStyle = `${baseStyle}
:root{--problem:#a8322a;--warning:#7d5600;--note:#235a9c}
@media (prefers-color-scheme:dark){:root{--problem:#f0958a;--warning:#e3b862;--note:#93bdf0}}
h1,h2{font-family:"Iowan Old Style","Palatino Linotype",Palatino,"Book Antiqua",Georgia,"Liberation Serif",serif;font-weight:500;line-height:1.2;letter-spacing:-.01em;margin:0;text-wrap:balance}
h1{font-size:clamp(2.1rem,5vw,3.5rem);overflow-wrap:anywhere}
h2{font-size:clamp(1.3rem,2.2vw,1.65rem);max-width:60ch;margin-bottom:12px}h2::first-letter{text-transform:uppercase}
section{margin-top:56px;padding-top:24px;border-top:1px solid var(--rule)}
p{max-width:68ch;margin:0 0 12px;text-wrap:pretty}
.eyebrow,.severity{font:600 14px var(--mono);color:var(--muted);margin-bottom:10px}
.severity b{color:var(--tone);font-weight:600}
.problem{--tone:var(--problem)}.warning{--tone:var(--warning)}.note{--tone:var(--note)}
.lede{font-size:clamp(1.1rem,1.8vw,1.35rem);line-height:1.5;margin:20px 0 28px;padding-left:18px;border-left:4px solid var(--tone)}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,220px),1fr));gap:12px 32px;margin:0}
dt,figcaption,.more{color:var(--muted);font-size:14px;line-height:1.45}
.todo{padding-left:18px;border-left:4px solid var(--tone);margin:16px 0}.todo code{display:inline-block;max-width:100%;overflow-wrap:anywhere}
.scroll{overflow-x:auto;max-width:100%;margin:16px 0}
th,td{padding:7px 24px 7px 0;text-align:left;border-bottom:1px solid var(--rule);font-weight:400;vertical-align:top}
thead th{color:var(--muted);font-size:14px}tbody th{font-weight:600;max-width:26ch;overflow-wrap:anywhere}
.groups{list-style:none;margin:20px 0 0;padding:0;display:flex;flex-wrap:wrap;gap:20px 24px}
.groups>li{display:flex;flex-wrap:wrap;gap:12px;padding:12px;background:var(--panel);border:1px solid var(--rule);max-width:100%}
figure{margin:0;width:132px;min-width:0}
figcaption{margin-top:6px;font-size:13px;overflow-wrap:anywhere}figcaption b{display:block;color:var(--ink);font-weight:400}
.shot{height:96px;display:flex;align-items:flex-end}
.shot img,.shot svg{display:block;outline:1px solid var(--rule)}
.shot .coarse{image-rendering:pixelated}
.shot .lost{width:96px;height:72px;display:grid;place-items:center;border:2px dashed var(--muted);color:var(--muted);font:13px var(--mono)}
.classes td,.classes th{vertical-align:middle}.classes .count{text-align:right}
.bar{display:block;height:10px;background:var(--muted);min-width:1px}.bars{width:140px}
.histogram{display:block;fill:var(--muted);background:var(--panel)}
.samples{display:flex;gap:6px;align-items:center}.samples img{display:block;outline:1px solid var(--rule)}
details{margin-top:16px}summary{cursor:pointer;font-weight:600;padding:8px 0}
details ul{margin:8px 0 0;padding:0;list-style:none;font:13px/1.6 var(--mono);overflow-wrap:anywhere;columns:2 420px;column-gap:40px}
details li{break-inside:avoid;padding-left:2ch;text-indent:-2ch}
@media (max-width:699px){
main{padding:36px 16px 64px}body{font-size:16px}section{margin-top:44px}
.groups{gap:14px}.groups>li{width:100%}figure{width:calc(50% - 6px)}
.groups>li:has(>figure:only-child){width:calc(50% - 7px)}.groups figure:only-child{width:100%}
.classes thead,.classes .bars{display:none}.classes tr{display:grid;grid-template-columns:1fr auto;gap:6px 12px;padding:12px 0;border-bottom:1px solid var(--rule)}
.classes td,.classes th{border:0;padding:0}.classes .samples-cell{grid-column:1/-1;overflow:hidden}.samples{flex-wrap:wrap}
table{font-size:14px}th,td{padding-right:14px}
}
@media print{
:root{--paper:#fff;--ink:#000;--muted:#444;--rule:#bbb;--panel:#f5f5f5;--problem:#a8322a;--warning:#7d5600;--note:#235a9c}
body{font-size:10.5pt}main{padding:0;max-width:none}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.groups>li,figure,tr{break-inside:avoid}h2{break-after:avoid}section{margin-top:24px}.scroll{overflow:visible}
}
`;
