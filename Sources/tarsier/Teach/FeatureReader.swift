import Daemon
import Engine
import Graphs
import Quantization
import Teaching
import Tensors

/// What the backbone that will run says of pictures: the bytes that its last layer reads, from the kernels that ship.
struct FeatureReader {
    let graph: QuantizedGraph
    let threads: Int

    /// Features of a list of views for each item, in the order of items whatever the number of threads.
    /// - Parameter views: RGB pictures of the network's input; called from several threads at once.
    func read(
        _ count: Int, progress: @escaping @Sendable (Int) -> Void,
        views: @escaping @Sendable (Int) throws(Failure) -> [[UInt8]]
    ) throws(Failure) -> [[[Int8]]] {
        // A session a thread: each takes every so-manieth item.
        let strides = max(1, min(threads, count))
        let parts = try Parallel.map(Array(0..<strides), threads: strides) { first, _ throws(Failure) in
            let session = try Classifier.session(graph)
            var rows: [[[Int8]]] = []
            for item in stride(from: first, to: count, by: strides) {
                var own: [[Int8]] = []
                for view in try views(item) { own.append(FeatureReader.features(of: view, session)) }
                rows.append(own)
                progress(min(count, (item / strides + 1) * strides))
            }
            return rows
        }
        return (0..<count).map { parts[$0 % strides][$0 / strides] }
    }

    static func features(of picture: [UInt8], _ session: Session) -> [Int8] {
        session.setPicture(picture.span)
        session.run(threads: 1)
        return session.features
    }
}
