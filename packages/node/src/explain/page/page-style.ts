/** How the page looks: light and dark, wide and narrow, and on paper. */
import { baseStyle } from "../../page/base-style.js";
import { signedGradient } from "../../page/color-map.js";

export const pageStyle = (): string => `${baseStyle}${colors}${text}${journey(signedGradient())}${tiles}${media}`;

const colors = `
:root{--red:#a8322a;--green:#22693c;--blue:#235a9c;--stop:#a8322a}
@media (prefers-color-scheme:dark){:root{--red:#f0958a;--green:#86cf9e;--blue:#93bdf0;--stop:#f0958a}}
`;

const text = `
h1,h2{font-family:"Iowan Old Style","Palatino Linotype",Palatino,"Book Antiqua",Georgia,"Liberation Serif",serif;font-weight:500;line-height:1.15;letter-spacing:-.01em;margin:0;text-wrap:balance}
h1{font-size:clamp(2.1rem,5vw,3.5rem)}
h2{font-size:clamp(1.5rem,2.6vw,2rem);margin-bottom:14px}
h3{font:600 14px/1.35 var(--mono);margin:0}
section{margin-top:72px;padding-top:28px;border-top:1px solid var(--rule)}
p{max-width:68ch;margin:0 0 14px;text-wrap:pretty}
.eyebrow{font:600 14px var(--mono);color:var(--muted);margin-bottom:10px}
.lede{font-size:clamp(1.1rem,1.8vw,1.35rem);line-height:1.5;margin:20px 0 28px;padding-left:18px;border-left:4px solid var(--green)}
.lede.refused{border-color:var(--stop)}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,220px),1fr));gap:12px 32px;margin:0 0 12px}
dt,.note,.class,.does,.what,figcaption,.trio p{color:var(--muted);font-size:14px;line-height:1.5}
.note{margin-top:14px}
figure{margin:0}figcaption{margin-top:8px}
th,td{padding:7px 18px 7px 0;text-align:right;border-bottom:1px solid var(--rule);white-space:nowrap;font-weight:400}
th:first-child{text-align:left}thead th{color:var(--muted);font-size:14px}tbody th{font-weight:600}
.scroll{overflow-x:auto;max-width:100%}.scroll+p{margin-top:16px}
.trace{width:100%;font-size:14px}.trace td,.trace th{text-align:left}
.widening{background:color-mix(in srgb,var(--green) 16%,transparent)}.stop{background:color-mix(in srgb,var(--stop) 16%,transparent)}
.red{color:var(--red)}.green{color:var(--green)}.blue{color:var(--blue)}
summary{cursor:pointer;padding:10px 0;font-weight:600}
.advice{padding-left:20px;max-width:76ch}.advice li{margin-bottom:16px}
pre{background:var(--panel);border:1px solid var(--rule);padding:12px 14px;overflow-x:auto;font:14px/1.5 var(--mono);margin:8px 0 0}
.beside{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:24px 56px}
`;

const journey = (gradient: string) => `
.journey{--stack:456px;display:flex;align-items:flex-start;justify-content:space-between;margin-top:28px}
.step{display:grid;grid-template-rows:var(--stack) auto;gap:16px;min-width:0}
.single{flex:0 1 190px}.triple{flex:0 1 184px}
.columns-3{justify-content:flex-start;gap:40px;--most:320px}.columns-3 .single{flex-basis:320px}.columns-4{justify-content:flex-start;gap:20px;--most:250px}.columns-4 .single{flex-basis:250px}
.planes{display:grid;gap:12px;align-content:center;justify-items:center;height:100%}
.triple .planes{grid-template-rows:repeat(3,minmax(0,1fr))}
.triple .planes>*{align-self:center}
.plane{position:relative;display:block;aspect-ratio:var(--ratio);width:min(100%,calc(var(--most,190px)*var(--ratio)));max-width:100%}
.triple .plane{--most:144px}
.plane img{display:block;width:100%;height:100%;image-rendering:auto;outline:1px solid var(--rule)}
.ring{position:absolute;width:18px;height:18px;margin:-9px 0 0 -9px;border:2px solid #fff;border-radius:50%;box-shadow:0 0 0 2px #000}
.caption{min-width:0}.caption p{margin:2px 0}.shape{font:13px var(--mono)}
abbr{text-decoration:none}.numbers{width:100%;font-size:13px;margin-top:6px}.numbers th,.numbers td{padding:2px 0 2px 6px;border:0}.numbers :first-child{padding-left:0}.numbers thead th{font-size:13px}
.numbers tbody td.pixel{font-weight:600}
p.numbers{font-size:13px}
.arrow{flex:0 0 28px}.arrow svg{display:block;fill:none;stroke:var(--muted);stroke-width:1.5}
.arrow .wide{width:28px;height:var(--stack)}.arrow .tall{display:none}
.stopped svg{stroke:var(--stop);stroke-width:2.5}
.slot{display:grid;place-items:center;width:144px;aspect-ratio:1;max-width:100%;border:2px dashed var(--stop);color:var(--stop);font-size:14px}
.slot.filled{border:2px solid var(--muted);background:var(--panel);color:var(--ink)}
.error{color:var(--stop);font:13px/1.5 var(--mono);overflow-wrap:anywhere}
.legends{display:flex;flex-wrap:wrap;gap:16px 56px;margin-top:28px}
.legend{display:grid;align-content:start;width:260px;max-width:100%;gap:3px;margin:0;font-size:13px;font-variant-numeric:tabular-nums}
.bar{height:10px;outline:1px solid var(--rule)}.bar.gray{background:linear-gradient(to right,#000,#fff)}.bar.signed{background:${gradient}}
.ends{display:flex;justify-content:space-between}.what{font-size:13px}
`;

const tiles = `
svg text{font:12px var(--mono);text-anchor:middle}
.numbered{display:block;width:100%;height:auto;outline:1px solid var(--rule)}
.border{fill:none;stroke:#1b1c1d;stroke-width:1.5;stroke-dasharray:4 3}
.corners{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,222px),1fr));gap:24px 20px;margin-top:20px;max-width:1224px}
.sums{display:grid;gap:32px;margin-top:20px}
.sum{display:flex;align-items:center;gap:18px;flex-wrap:wrap}.sum figure{width:180px}
.operator{font-size:28px;color:var(--muted);padding-bottom:30px}
.filters{list-style:none;padding:0;margin:20px 0 0;display:grid;grid-template-columns:repeat(auto-fill,minmax(176px,1fr));gap:16px 20px}
.planes-1{grid-template-columns:repeat(auto-fill,minmax(132px,1fr))}
.tiles{display:flex;align-items:center;gap:6px}.tile{width:44px;height:44px;flex:none;outline:1px solid var(--rule)}
.to{color:var(--muted)}.index{font:13px var(--mono);color:var(--muted)}
.activations{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,520px),1fr));gap:44px 48px;margin-top:24px}
.trio{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:12px;margin-top:8px}
.trio .plane{--most:260px}.trio p{margin:6px 0 0}
.activation figcaption{display:flex;flex-wrap:wrap;gap:12px 32px}.activation .legend{width:230px}
`;

const media = `
@media (max-width:1199px){
.journey{display:block}.arrow{display:block}.arrow .wide{display:none}.arrow .tall{display:block;width:100%;max-width:420px;height:auto}
.step{grid-template-rows:none;grid-template-columns:minmax(0,420px) minmax(0,1fr);gap:12px 32px;align-items:center}
.triple .planes{grid-template-rows:none;grid-template-columns:repeat(3,minmax(0,1fr))}
.planes{height:auto}.single .plane{--most:260px}.slot{width:100%}
.beside{grid-template-columns:minmax(0,1fr)}
}
@media (max-width:699px){
main{padding:36px 16px 64px}pre{white-space:pre-wrap}.beside table,.proof{width:100%;font-size:13px}.beside th,.beside td,.proof th,.proof td{padding-right:5px;white-space:normal;vertical-align:bottom}.beside thead th,.proof thead th{font-size:12.5px;line-height:1.3}.beside td,.proof td{white-space:nowrap}body{font-size:16px}section{margin-top:52px}
.step{grid-template-columns:minmax(0,1fr)}.numbers{max-width:340px}
.filters{grid-template-columns:repeat(2,minmax(0,1fr));gap:16px 12px}.tile{width:40px;height:40px}.tiles{gap:5px}.corners{max-width:290px}.sum figure{width:calc(50% - 24px)}.sum{gap:14px}
}
@media print{
:root{--paper:#fff;--ink:#000;--muted:#444;--rule:#bbb;--panel:#f3f3f3;--red:#a8322a;--green:#22693c;--blue:#235a9c;--stop:#a8322a}
body{font-size:11pt}main{padding:0;max-width:none}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.sum figure{width:118px}.sum{gap:10px}
figure,.step,.filters li,tr,.legend{break-inside:avoid}h2{break-after:avoid}section{margin-top:28px}
.scroll{overflow:visible}pre{white-space:pre-wrap}
}
`;
