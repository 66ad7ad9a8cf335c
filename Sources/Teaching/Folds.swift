internal import Tensors

/// Which of the samples each fold holds back.
package struct Folds: Sendable {
    /// Fold of each sample; nil for those that are in every training part.
    package let foldOf: [Int?]
    package let count: Int

    /// Splits each class evenly; groups stay together, but for those of a class that has fewer groups than there are folds:
    /// held back as a whole it would be unknown to the rest. The same folds for the same table and seed on every machine.
    /// - Parameters:
    ///   - count: at least 2.
    ///   - isSplit: samples that are held back once; the others always train.
    package init(_ table: FeatureTable, count: Int, seed: UInt64, isSplit: (Int) -> Bool = { _ in true }) {
        precondition(count >= 2)
        self.count = count
        var random = SplitMix64(seed: seed)
        var foldOf = [Int?](repeating: nil, count: table.samples.count)
        // A group is dealt with its most frequent target, in the order of targets: labels, then none.
        var members: [Int: [Int]] = [:]
        let split = table.samples.indices.filter(isSplit)
        let few = Set(split.map { table.samples[$0].target }).filter { target in
            Set(split.filter { table.samples[$0].target == target }.map { table.samples[$0].group }).count < count
        }
        let dissolved = Set(split.filter { few.contains(table.samples[$0].target) }.map { table.samples[$0].group })
        var alone = (split.map { table.samples[$0].group }.max() ?? 0) + 1
        for index in split {
            var group = table.samples[index].group
            if dissolved.contains(group) {
                group = alone
                alone += 1
            }
            members[group, default: []].append(index)
        }
        var groups: [Int: [Int]] = [:]
        for group in members.keys.sorted() {
            var votes: [Int: Int] = [:]
            for index in members[group] ?? [] { votes[table.samples[index].target.label ?? -1, default: 0] += 1 }
            let winner = votes.keys.sorted().max { (votes[$0] ?? 0, $1) < (votes[$1] ?? 0, $0) } ?? -1
            groups[winner, default: []].append(group)
        }
        for target in groups.keys.sorted() {
            var shuffled = groups[target] ?? []
            for i in shuffled.indices.dropFirst().reversed() {
                shuffled.swapAt(i, Int(random.next() % UInt64(i + 1)))
            }
            // The largest first, each to the fold that has least: folds of one class differ by as little as groups allow.
            let ordered = shuffled.enumerated().sorted {
                let (a, b) = (members[$0.element]?.count ?? 0, members[$1.element]?.count ?? 0)
                return a == b ? $0.offset < $1.offset : a > b
            }
            var sizes = [Int](repeating: 0, count: count)
            for (_, group) in ordered {
                let fold = sizes.indices.min { (sizes[$0], $0) < (sizes[$1], $1) } ?? 0
                sizes[fold] += members[group]?.count ?? 0
                for index in members[group] ?? [] { foldOf[index] = fold }
            }
        }
        self.foldOf = foldOf
    }

    package func heldBack(_ fold: Int) -> [Int] { foldOf.indices.filter { foldOf[$0] == fold } }
    package func training(_ fold: Int) -> [Int] { foldOf.indices.filter { foldOf[$0] != fold } }
}
