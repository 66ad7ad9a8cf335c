import Graphs
import Tensors

/// The memory of one thread that runs networks: values live in slots, which are used again once nobody reads them.
package final class FloatWorkspace {
    private var slots: [FloatBuffer] = []
    /// Windows of a convolution.
    let windows = FloatBuffer()
    /// For whoever watches.
    let spare = (FloatBuffer(), FloatBuffer(), FloatBuffer())
    /// Counts of a histogram that is being made.
    var tables = [UInt32](repeating: 0, count: 2 * Histogram.table)

    package init() {}

    func slot(_ number: Int) -> FloatBuffer {
        while slots.count <= number { slots.append(FloatBuffer()) }
        return slots[number]
    }
}

/// Which slot of a workspace each value lives in.
struct SlotPlan: Sendable {
    /// By value; element 0 is the input.
    let slots: [Int]

    /// - Parameter sources: values that each node reads. A node's output never takes the place of what it reads.
    init(sources: [[Int]]) {
        var lastReaders = [Int](repeating: sources.count, count: sources.count + 1)
        for (index, values) in sources.enumerated() { for value in values { lastReaders[value] = index } }
        var slots = [0]
        var free: [Int] = []
        var used = 1
        for (index, values) in sources.enumerated() {
            if let slot = free.popLast() {
                slots.append(slot)
            } else {
                slots.append(used)
                used += 1
            }
            for value in Set(values) where lastReaders[value] == index { free.append(slots[value]) }
            free.sort(by: >)
        }
        self.slots = slots
    }
}
