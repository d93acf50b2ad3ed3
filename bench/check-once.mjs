/** One check in a process of its own, so that its memory can be measured: prints JSON. `node check-once.mjs <folder>` */
import { checkFolder } from "grayling";

const start = performance.now();
const { inspection, findings } = await checkFolder(process.argv[2]);
console.log(
  JSON.stringify({
    files: inspection.files.length,
    findings: findings.map(({ title }) => title),
    seconds: (performance.now() - start) / 1000,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
    cpuSeconds: (process.cpuUsage().user + process.cpuUsage().system) / 1e6,
  }),
);
