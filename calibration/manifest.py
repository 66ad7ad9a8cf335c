"""The list of photos that the shipped models were calibrated with: what each is, where it is from, and its digest.

    python3 manifest.py DATA > sm_v2.csv      (DATA holds manifest.csv and calib/)
"""
import csv
import hashlib
import sys
from pathlib import Path


def main(data):
    data = Path(data)
    rows = [row for row in csv.DictReader(open(data / "manifest.csv")) if row["split"] == "calib"]
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["file", "class", "source", "repository", "commit", "path", "sha256"])
    for row in sorted(rows, key=lambda row: row["file"]):
        digest = hashlib.sha256((data / row["file"]).read_bytes()).hexdigest()
        out.writerow([row["file"], row["class"], row["source"], row["repo"], row["commit"], row["path"], digest])


if __name__ == "__main__":
    main(sys.argv[1])
