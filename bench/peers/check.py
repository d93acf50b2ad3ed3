"""The Python side of `npm run bench -- check`: cleanvision's report on a folder, once. `python check.py <folder> <processes>`

All of its checks with their defaults. Prints JSON as the last line:
{"versions", "files", "seconds", "issues"}. A library that is missing: one line, exit code 3.
"""
import json
import sys
import time
from importlib.metadata import version

if __name__ == "__main__":
    try:
        from cleanvision import Imagelab
    except ImportError as error:
        print(error)
        sys.exit(3)
    started = time.perf_counter()
    lab = Imagelab(data_path=sys.argv[1], verbose=False)
    lab.find_issues(n_jobs=int(sys.argv[2]), verbose=False)
    seconds = time.perf_counter() - started
    issues = {row["issue_type"]: int(row["num_images"]) for _, row in lab.issue_summary.iterrows()}
    print(json.dumps({"versions": f"cleanvision {version('cleanvision')}", "files": len(lab.issues), "seconds": seconds, "issues": issues}))
