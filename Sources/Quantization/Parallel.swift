import Dispatch
import Synchronization

/// Work on independent items by a few threads. Results come in item order, whatever the number of threads.
enum Parallel {
    /// - Parameter threads: at least 1; with 1 everything happens on the calling thread.
    /// - Throws: the error of the first item, in item order, that failed.
    static func map<Value: Sendable>(
        _ items: [Int], threads: Int, _ body: @Sendable (Int) throws(QuantizationError) -> Value
    ) throws(QuantizationError) -> [Value] {
        let next = Atomic<Int>(0)
        let results = Mutex<[Result<Value, QuantizationError>?]>(Array(repeating: nil, count: items.count))
        DispatchQueue.concurrentPerform(iterations: max(1, min(threads, items.count))) { _ in
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < items.count else { return }
                let result: Result<Value, QuantizationError>
                do throws(QuantizationError) { result = .success(try body(items[index])) } catch {
                    result = .failure(error)
                }
                results.withLock { $0[index] = result }
            }
        }
        var values: [Value] = []
        for result in results.withLock({ $0 }) { if let result { values.append(try result.get()) } }
        return values
    }

    /// Splits items into runs of bounded length, so that the results in memory stay bounded.
    static func batches(_ items: [Int], of size: Int) -> [[Int]] {
        stride(from: 0, to: items.count, by: size).map { Array(items[$0..<min(items.count, $0 + size)]) }
    }
}
