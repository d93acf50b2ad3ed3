/** Prints why tests were skipped, then `N passed, N failed, N skipped` alone on the last line. */
export default class ClosingLineReporter {
  onTestRunEnd(modules, errors) {
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      if (module.children.size === 0 && module.state() === "failed") counts.failed++;
      for (const test of module.children.allTests()) {
        const { state, note } = test.result();
        if (state === "passed" || state === "failed") counts[state]++;
        else {
          counts.skipped++;
          console.log(`skipped: ${test.fullName}: ${note ?? "no reason given"}`);
        }
      }
    }
    // After the default reporter's own summary.
    process.once("exit", () =>
      console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`),
    );
  }
}
