import Dispatch
import Synchronization

/// Work on independent items by a few threads, each with a workspace of its own. Results do not depend on the number of
/// threads: either they come in item order, or the caller's way to add them up ignores the order.
package enum Parallel {
    /// One result an item, in item order.
    /// - Parameters:
    ///   - threads: at least 1; with 1 everything happens on the calling thread.
    ///   - done: is told how many items are done, from any of the threads.
    /// - Throws: the error of the first item, in item order, that failed.
    package static func map<Value: Sendable, Failure: Error>(
        _ items: [Int], threads: Int, done: @Sendable (Int) -> Void = { _ in },
        _ body: @Sendable (Int, FloatWorkspace) throws(Failure) -> Value
    ) throws(Failure) -> [Value] {
        let results = Mutex<[Result<Value, Failure>?]>(Array(repeating: nil, count: items.count))
        let finished = Atomic<Int>(0)
        share(items.count, threads: threads) { workspace, index in
            let result: Result<Value, Failure>
            do throws(Failure) { result = .success(try body(items[index], workspace)) } catch {
                result = .failure(error)
            }
            results.withLock { $0[index] = result }
            done(finished.add(1, ordering: .relaxed).newValue)
        }
        var values: [Value] = []
        for result in results.withLock({ $0 }) { if let result { values.append(try result.get()) } }
        return values
    }

    /// One sum a thread.
    /// - Parameter add: adds an item to a sum; sums must come out the same in whatever order items are added.
    /// - Throws: the error of the first item, in item order, that failed.
    static func fold<Sum: Sendable>(
        _ items: [Int], threads: Int, from start: Sum, done: @Sendable (Int) -> Void,
        add: @Sendable (inout Sum, Int, FloatWorkspace) throws(QuantizationError) -> Void
    ) throws(QuantizationError) -> [Sum] {
        let state = Mutex<(sums: [Sum], failures: [Int: QuantizationError])>(([], [:]))
        let next = Atomic<Int>(0)
        let finished = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: max(1, min(threads, items.count))) { _ in
            let workspace = FloatWorkspace()
            var sum = start
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < items.count else { break }
                do throws(QuantizationError) { try add(&sum, items[index], workspace) } catch {
                    state.withLock { $0.failures[index] = error }
                    break
                }
                done(finished.add(1, ordering: .relaxed).newValue)
            }
            state.withLock { $0.sums.append(sum) }
        }
        let (sums, failures) = state.withLock { ($0.sums, $0.failures) }
        if let first = failures.keys.min(), let failure = failures[first] { throw failure }
        return sums
    }

    /// Hands the numbers below `count` to a few threads.
    private static func share(
        _ count: Int, threads: Int, _ body: @Sendable (FloatWorkspace, Int) -> Void
    ) {
        let next = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: max(1, min(threads, count))) { _ in
            let workspace = FloatWorkspace()
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < count else { return }
                body(workspace, index)
            }
        }
    }
}
