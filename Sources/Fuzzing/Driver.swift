internal import LinuxIO

/// What `tarsier-fuzz` calls: one subject a process, chosen once.
private struct Driver: ~Copyable {
    var subject: any FuzzSubject
    let limit: Int
}

// Safety: libFuzzer, and the main that stands in for it, call from one thread.
nonisolated(unsafe) private var driver: Driver?

/// Chooses the subject; 0, or -1 when there is none of that name.
@_cdecl("tarsier_fuzz_choose")
public func choose(_ name: UnsafePointer<CChar>) -> CInt {
    guard let kind = unsafe FuzzSubjects.named(String(cString: name)), let subject = try? kind.init() else { return -1 }
    unsafe driver = Driver(subject: subject, limit: kind.limit)
    return 0
}

/// The subject takes one input.
@_cdecl("tarsier_fuzz_one")
public func one(_ data: UnsafePointer<UInt8>?, _ count: Int) {
    let input = unsafe Array(UnsafeBufferPointer(start: data, count: count))
    _ = unsafe driver?.subject.accepts(input)
}

/// Writes every subject's seeds to FOLDER/SUBJECT/seed-N, and its words to FOLDER/SUBJECT.words as libFuzzer reads them; 0, or
/// -1 when that fails.
@_cdecl("tarsier_fuzz_seeds")
public func seeds(_ folder: UnsafePointer<CChar>) -> CInt {
    let folder = unsafe String(cString: folder)
    do {
        for subject in FuzzSubjects.all {
            try MemoryFolder.makeFolders(folder, below: "\(subject.name)/seed")
            for (number, seed) in try subject.seeds.enumerated() {
                try AtomicFile.write(seed, to: "\(folder)/\(subject.name)/seed-\(number)")
            }
            let words = subject.words.map { word in
                "\"" + word.map { "\"\\".contains($0) ? "\\\($0)" : "\($0)" }.joined() + "\"\n"
            }
            try AtomicFile.write(Array(words.joined().utf8), to: "\(folder)/\(subject.name).words")
        }
        return 0
    } catch {
        return -1
    }
}

/// Names of the subjects and the largest input of each, a line each, on standard output.
@_cdecl("tarsier_fuzz_names")
public func names() {
    for subject in FuzzSubjects.all { print(subject.name, subject.limit) }
}
