/** How the page of a comparison looks: the report's letters and colours, and what it draws of its own. */
import { reportStyle } from "../../report/report-style.js";

export const compareStyle = (): string => `${reportStyle()}
.remarks{list-style:none;margin:0;padding:0;color:var(--muted);font-size:15px;max-width:68ch}.remarks li{margin-bottom:4px}
.ranges{width:100%;margin:16px 0}.ranges th{max-width:26ch;overflow-wrap:anywhere}.ranges td:nth-child(2){width:60%}
.ranges td,.ranges th{vertical-align:middle}.ranges td:last-child{white-space:nowrap}
.range{position:relative;display:block;height:18px;background:var(--panel)}
.range i{position:absolute;top:6px;height:6px;background:var(--muted);min-width:2px}
.range b{position:absolute;top:1px;width:4px;height:16px;margin-left:-2px;background:var(--ink)}
.compared{list-style:none;margin:16px 0 0;padding:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(180px,1fr));gap:28px 24px}
.compared .shots{min-height:112px;display:flex;align-items:flex-end}
.compared figcaption{margin-top:6px;font-size:13px}.compared b{color:var(--ink);font-weight:600}
.compared .answer,.compared .path{display:block;overflow-wrap:anywhere}.compared .answer{padding-left:1.3em;text-indent:-1.3em}
.mark{display:inline-block;width:1.3em;text-indent:0;color:var(--ink);font-weight:600}
.numbers td small{display:block;white-space:nowrap}.numbers thead th{max-width:22ch;overflow-wrap:anywhere}
@media (max-width:699px){#metrics .numbers th small{display:none}.numbers tbody th{min-width:15ch;overflow-wrap:normal}.words tbody th{min-width:17ch}.compared{grid-template-columns:repeat(2,minmax(0,1fr));gap:24px 14px}.ranges tr{display:grid;grid-template-columns:1fr auto;border-bottom:1px solid var(--rule);padding:8px 0}.ranges th{grid-column:1/-1;max-width:none}.ranges td,.ranges th{border:0;padding-top:0;padding-bottom:0}.ranges td:nth-child(2){width:auto;align-self:center}}
@media print{.range,.range i,.range b{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
