/** One check in a process of its own, so that its memory can be measured: prints JSON. `node check-once.mjs <folder>` */
import { readFileSync } from "node:fs";
import { checkFolder } from "grayling";

const start = performance.now();
const { inspection, findings } = await checkFolder(process.argv[2]);
console.log(
  JSON.stringify({
    files: inspection.files.length,
    findings: findings.map(({ title }) => title),
    seconds: (performance.now() - start) / 1000,
    peakMegabytes: peakKilobytes() / 1024,
    cpuSeconds: (process.cpuUsage().user + process.cpuUsage().system) / 1e6,
  }),
);

/** Linux hands the peak of the process that started this one on to `maxRSS`; VmHWM is this one's own. */
function peakKilobytes() {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS;
  return Number(/VmHWM:\s*(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
}
