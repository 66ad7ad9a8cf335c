internal import Tensors

extension PictureTap {
    /// Who waits and what lies ready. Pure: knows no thread, and is told the time.
    struct State {
        var isAllowed: Bool
        var isStopped = false
        var isRunning = false
        var waiting: [(answer: Answer, deadlineNs: UInt64)] = []
        /// A frame lies here, with how it was prepared, until the thread takes it; none where `preprocessing` is nil.
        private var frame = Frame()
        private var preprocessing: Preprocessing?
        private var earliestNs: UInt64 = 0

        init(isAllowed: Bool) { self.isAllowed = isAllowed }

        /// Swaps a frame in, unless one lies there or the last one was taken a moment ago.
        mutating func offer(_ frame: inout Frame, as preprocessing: Preprocessing, nowNs: UInt64) -> Bool {
            guard self.preprocessing == nil, nowNs >= earliestNs else { return false }
            swap(&self.frame, &frame)
            self.preprocessing = preprocessing
            return true
        }

        /// Swaps the frame that lies there out.
        mutating func take(into frame: inout Frame, nowNs: UInt64) -> Preprocessing? {
            guard let preprocessing else { return nil }
            swap(&self.frame, &frame)
            self.preprocessing = nil
            earliestNs = nowNs + PictureTap.intervalNs
            return preprocessing
        }

        /// Who has waited too long, and whether the thread ends: nobody waits, and nobody has asked since `lastNs`.
        mutating func rest(
            nowNs: UInt64, lastNs: UInt64
        ) -> (expired: [(answer: Answer, deadlineNs: UInt64)], isOver: Bool) {
            let limitNs = isStopped ? UInt64.max : nowNs
            let expired = waiting.filter { $0.deadlineNs <= limitNs }
            waiting.removeAll { $0.deadlineNs <= limitNs }
            let isOver = waiting.isEmpty && (isStopped || nowNs >= lastNs + PictureTap.restNs)
            if isOver {
                isRunning = false
                // One may have come since the thread looked last: it is nobody's, and not what the next request asks for.
                (frame, preprocessing) = (Frame(), nil)
            }
            return (expired, isOver)
        }
    }
}
