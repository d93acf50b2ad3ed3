/** Colours, letters and rhythm of every page: light and dark. What a page draws of its own comes after. */

export const baseStyle = `
:root{color-scheme:light dark;--paper:#fbfbfa;--ink:#1b1c1d;--muted:#5a5d60;--rule:#d9dadb;--panel:#f1f2f2;--focus:#235a9c;--mono:ui-monospace,"SF Mono","Cascadia Mono",Menlo,Consolas,"Liberation Mono",monospace}
@media (prefers-color-scheme:dark){:root{--paper:#141516;--ink:#ececea;--muted:#a9adb0;--rule:#393c3e;--panel:#1e2022;--focus:#93bdf0}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:17px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Liberation Sans",sans-serif;overflow-wrap:break-word}
.ramp{height:10px;background:linear-gradient(to right,#000,#fff);border-bottom:1px solid var(--rule)}
main{max-width:1272px;margin:0 auto;padding:56px 24px 96px}
.facts div{border-top:1px solid var(--rule);padding-top:8px}
dd{margin:0;font-size:15px;overflow-wrap:anywhere}
table{border-collapse:collapse;font-size:15px;font-variant-numeric:tabular-nums}
:focus-visible{outline:3px solid var(--focus);outline-offset:3px}
`;
