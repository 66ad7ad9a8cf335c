import Testing

@testable import Quantization

struct PictureSplitTests {
    @Test("Few pictures are all fitted; of many, a bounded part is held back and never fitted")
    func split() {
        let few = PictureSplit(count: 12, heldBack: 64)
        #expect(few.fitted == Array(0..<12) && few.heldBack == Array(0..<12) && few.apart == [])
        for count in [50, 100, 500, 5000] {
            let split = PictureSplit(count: count, heldBack: 64)
            #expect(split.heldBack.count == min(64, count / 5))
            #expect((split.fitted + split.heldBack).sorted() == Array(0..<count))
            #expect(split.apart == split.heldBack)
        }
        #expect(PictureSplit(count: 100, heldBack: 0).fitted.count == 100)
    }

    @Test("Slots are used again, but never while somebody reads them")
    func slots() {
        // Node 2 adds value 1 to its sum: value 1 outlives node 1.
        let plan = SlotPlan(sources: [[0], [1], [2, 1], [3]])
        #expect(plan.slots.count == 5)
        #expect(plan.slots[2] != plan.slots[1] && plan.slots[3] != plan.slots[1] && plan.slots[3] != plan.slots[2])
        #expect(Set(plan.slots).count == 3)
    }
}
