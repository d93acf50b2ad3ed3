/** How the page of a comparison looks: the report's letters and colours, and what it draws of its own. */
import { reportStyle } from "../../report/report-style.js";

export const compareStyle = (): string => `${reportStyle()}
.remarks{list-style:none;margin:0;padding:0;color:var(--muted);font-size:15px;max-width:68ch}.remarks li{margin-bottom:4px}
.ranges{width:100%;margin:16px 0}.ranges th{white-space:nowrap;max-width:40vw;overflow:hidden;text-overflow:ellipsis}.ranges td:nth-child(2){width:60%;min-width:140px}
.ranges td,.ranges th{vertical-align:middle}.ranges td:last-child{white-space:nowrap}
.range{position:relative;display:block;height:18px;background:var(--panel)}
.range i{position:absolute;top:6px;height:6px;background:var(--muted);min-width:2px}
.range b{position:absolute;top:1px;width:4px;height:16px;margin-left:-2px;background:var(--ink)}
.said{display:grid;grid-template-columns:auto 1fr;gap:0 8px}
.gallery figcaption .hit{color:var(--ink)}.gallery figcaption .miss{color:var(--ink)}
.mark{display:inline-block;width:1.1em;font-weight:600}
.gallery.compared figure{width:100%;min-width:0}.gallery.compared li{width:220px}
@media (max-width:699px){.gallery.compared li{width:calc(50% - 7px)}.ranges td:nth-child(2){width:40%;min-width:90px}}
@media print{.range,.range i,.range b{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
