import Testing

@testable import Publishing

@Suite struct RequestAllowanceTests {
    @Test func aBurstIsOpenThenOneRequestAnInterval() {
        var allowance = RequestAllowance(perSecond: 100)
        let start: UInt64 = 5_000_000_000
        for _ in 0..<100 {
            #expect(allowance.isOpen(nowNs: start))
            allowance.spend(nowNs: start)
        }
        #expect(!allowance.isOpen(nowNs: start))
        #expect(allowance.opensAtNs == start + 10_000_000)
        #expect(!allowance.isOpen(nowNs: start + 9_999_999))
        #expect(allowance.isOpen(nowNs: start + 10_000_000))
        allowance.spend(nowNs: start + 10_000_000)
        #expect(!allowance.isOpen(nowNs: start + 10_000_000))
        #expect(allowance.isOpen(nowNs: start + 2_000_000_000), "all is back after a while")
    }
}
