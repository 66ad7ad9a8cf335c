import Tensors
import Testing
import Wire

struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (1_767_323_045_678, "2026-01-02T03:04:05.678Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (4_107_542_399_999, "2100-02-28T23:59:59.999Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String)])
    func knownMomentsHaveTheirText(milliseconds: Int64, text: String) {
        let timestamp = Timestamp(unixMilliseconds: milliseconds)
        #expect(timestamp.description == text)
        #expect(Timestamp(text) == timestamp)
    }

    @Test func momentsOutsideFourDigitYearsAreClamped() {
        #expect(Timestamp(unixMilliseconds: .max).description == "9999-12-31T23:59:59.999Z")
        #expect(Timestamp(unixMilliseconds: .min).description == "0000-01-01T00:00:00.000Z")
    }

    @Test func everyDayOfEightCenturiesFollowsTheOneBefore() {
        var (year, month, day) = (1600, 1, 1)
        var milliseconds: Int64 = -11_676_096_000_000
        while year < 2400 {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            let text = Timestamp(unixMilliseconds: milliseconds).description
            guard text.hasPrefix("\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)T00:00") else {
                Issue.record("\(year)-\(month)-\(day) is written as \(text)")
                return
            }
            milliseconds += 86_400_000
            day += 1
            if day > lengths[month - 1] { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
    }

    @Test func anyMomentComesBackFromItsText() {
        var random = SplitMix64.announced()
        for _ in 0..<5000 {
            let moment = Int64.random(in: -62_167_219_200_000...253_402_300_799_999, using: &random)
            let timestamp = Timestamp(unixMilliseconds: moment)
            #expect(timestamp.unixMilliseconds == moment)
            #expect(Timestamp(timestamp.description) == timestamp)
        }
    }

    @Test(arguments: [
        "", "2026-01-02", "2026-01-02T03:04:05Z", "2026-01-02t03:04:05.678z", "2026-02-30T00:00:00.000Z",
        "2100-02-29T00:00:00.000Z", "2026-13-01T00:00:00.000Z", "2026-00-01T00:00:00.000Z", "2026-01-00T00:00:00.000Z",
        "2026-01-02T24:00:00.000Z", "2026-01-02T00:60:00.000Z", "2026-01-02T00:00:60.000Z",
        "2026-01-02T03:04:05.678+", "+026-01-02T03:04:05.678Z",
    ])
    func otherTextsAreRefused(text: String) {
        #expect(Timestamp(text) == nil)
    }
}
