import Tensors

@testable import Graphs
@testable import Quantization

/// A network of every operation that is small enough for plain loops in a debug build.
let smallTable = NetworkTable(
    name: "small", title: "small", stem: 8,
    rows: [
        .bottleneck(t: 1, c: 8, n: 1, s: 1),
        .bottleneck(t: 2, c: 8, n: 2, s: 2),
        .activated(t: 2, c: 24),
    ])

/// Its float model with random weights on 24x24 pixels, 5 classes.
func smallModel(seed: UInt64 = 7) throws -> FloatModel {
    try SyntheticModel.float(smallTable, classes: 5, extent: 24, seed: seed)
}

func smallPictures(_ count: Int, seed: UInt64 = 3) -> PictureSet {
    PictureSet(SyntheticModel.pictures(count, of: Shape(height: 24, width: 24, channels: 3), seed: seed))
}

/// The error a call ends with; nil when it succeeds.
func failure<Failure: Error>(_ body: () throws(Failure) -> Void) -> Failure? {
    do { try body() } catch { return error }
    return nil
}

/// Largest absolute difference, relative to the largest absolute value of the first.
func relativeDifference(_ a: [Float], _ b: [Float]) -> Float {
    precondition(a.count == b.count && !a.isEmpty)
    let largest = a.reduce(Float(1e-6)) { max($0, abs($1)) }
    return zip(a, b).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) } / largest
}
