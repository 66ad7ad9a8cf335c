import Glibc
import ImagingHarness

// tarsier-jpeg-fuzz COUNT [SEED]: damaged JPEGs through the daemon's decoder; built with sanitizers by `make fuzz-jpeg`.
let arguments = CommandLine.arguments
guard arguments.count >= 2, let count = Int(arguments[1]), count > 0 else {
    print("usage: tarsier-jpeg-fuzz COUNT [SEED]")
    exit(64)
}
let seed = arguments.count > 2 ? UInt64(arguments[2]) ?? 1 : 1
var trial = DamageTrial()
try trial.run(count: count, seed: seed)
for line in trial.lines { print(line) }
print("\(trial.total) damaged JPEGs: \(trial.refused) refused, \(trial.total - trial.refused) decoded, seed \(seed)")
exit(trial.total == count && trial.broken == 0 ? 0 : 1)
