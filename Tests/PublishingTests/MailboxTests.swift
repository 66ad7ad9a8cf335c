import Synchronization
import Testing
import Wire

@testable import Publishing

struct MailboxTests {
    private func numbers(_ items: [Mailbox.Item]) -> [UInt64] {
        items.compactMap { if case .result(let result) = $0 { result.seq } else { nil } }
    }

    @Test func withoutASubscriberOnlyTheNewestResultIsKeptAndNobodyIsWoken() {
        let mailbox = Mailbox()
        for n in 1...1000 as ClosedRange<UInt64> { #expect(!mailbox.post(Fixture.result(n))) }
        #expect(numbers(mailbox.take()) == [1000])
    }

    @Test func theServerIsAskedOnceForEachEmptying() {
        let mailbox = Mailbox()
        mailbox.resultSubscribers.store(1, ordering: .relaxed)
        #expect(mailbox.post(Fixture.result(1)))
        #expect(!mailbox.post(Fixture.result(2)))
        #expect(!mailbox.post(.power(PowerEvent(threads: 1, rate: nil, cause: ""))))
        #expect(mailbox.take().count == 3)
        #expect(mailbox.post(.power(PowerEvent(threads: 1, rate: nil, cause: ""))))
    }

    @Test func aServerThatDoesNotComeCostsTheOldestResultsAndIsTold() {
        let mailbox = Mailbox()
        mailbox.resultSubscribers.store(1, ordering: .relaxed)
        _ = mailbox.post(.camera(CameraEvent(state: .lost, cause: "")))
        for n in 1...100 as ClosedRange<UInt64> { _ = mailbox.post(Fixture.result(n)) }
        let items = mailbox.take()
        #expect(numbers(items) == Array(37...100))
        guard case .lost(36) = items.first, case .state = items.dropFirst().first else {
            Issue.record("the loss and the state event are not where they belong")
            return
        }
    }

    @Test func stateEventsAreBoundedToo() {
        let mailbox = Mailbox()
        for n in 1...1000 { _ = mailbox.post(.power(PowerEvent(threads: n, rate: nil, cause: ""))) }
        let threads = mailbox.take().compactMap { item -> Int? in
            if case .state(.power(let event)) = item { event.threads } else { nil }
        }
        #expect(threads == Array(745...1000))
    }
}
