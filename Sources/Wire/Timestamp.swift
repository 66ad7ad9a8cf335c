/// A moment of the wall clock, in milliseconds, written as RFC 3339 in UTC: `2026-01-02T03:04:05.678Z`.
///
/// Own calendar arithmetic: it runs for every result, and a formatter costs more than the rest of the line. Leap
/// seconds do not exist here, as they do not on a Unix clock.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z, within the years 0000 to 9999.
    public let unixMilliseconds: Int64

    /// Values outside the years 0000 to 9999 are clamped: RFC 3339 has four digits for a year.
    public init(unixMilliseconds: Int64) {
        self.unixMilliseconds = max(Timestamp.earliest, min(Timestamp.latest, unixMilliseconds))
    }

    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.unixMilliseconds < b.unixMilliseconds }

    private static let earliest = daysFromEpoch(year: 0, month: 1, day: 1) * 86_400_000
    private static let latest = daysFromEpoch(year: 10_000, month: 1, day: 1) * 86_400_000 - 1

    // The calendar repeats every 400 years = 146,097 days. Counting years from March puts the leap day last, so that
    // the days before a month are a linear formula: (153 * m + 2) / 5 for m = 0 (March) to 11 (February).
    private static let daysPerEra: Int64 = 146_097
    /// From 0000-03-01 to 1970-01-01.
    private static let daysFromMarchZeroToEpoch: Int64 = 719_468

    private static func daysFromEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
        let marchYear = month > 2 ? year : year - 1
        let marchMonth = month > 2 ? month - 3 : month + 9
        let era = marchYear.flooredDivision(by: 400)
        let yearOfEra = marchYear - era * 400
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + (153 * marchMonth + 2) / 5 + day - 1
        return era * daysPerEra + dayOfEra - daysFromMarchZeroToEpoch
    }

    private static func civilDate(daysFromEpoch days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + daysFromMarchZeroToEpoch
        let era = shifted.flooredDivision(by: daysPerEra)
        let dayOfEra = shifted - era * daysPerEra
        // Take away the leap days that came before: one in 1,461 days, but not in 36,524, but the one in 146,096.
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }
}

extension Timestamp: CustomStringConvertible {
    /// Always 24 ASCII characters.
    public var description: String {
        let days = unixMilliseconds.flooredDivision(by: 86_400_000)
        let time = unixMilliseconds - days * 86_400_000
        let (year, month, day) = Timestamp.civilDate(daysFromEpoch: days)
        var text = ""
        text.reserveCapacity(24)
        text.append(digits: year, count: 4)
        text.append("-")
        text.append(digits: month, count: 2)
        text.append("-")
        text.append(digits: day, count: 2)
        text.append("T")
        text.append(digits: time / 3_600_000, count: 2)
        text.append(":")
        text.append(digits: time / 60_000 % 60, count: 2)
        text.append(":")
        text.append(digits: time / 1000 % 60, count: 2)
        text.append(".")
        text.append(digits: time % 1000, count: 3)
        text.append("Z")
        return text
    }

    /// Reads exactly the form that `description` writes; nil for any other text and for dates that do not exist.
    public init?(_ text: String) {
        let form = Array("dddd-dd-ddTdd:dd:dd.dddZ".utf8)
        let bytes = Array(text.utf8)
        guard bytes.count == form.count else { return nil }
        var fields: [Int64] = [0]
        for (byte, expected) in zip(bytes, form) {
            if expected == UInt8(ascii: "d") {
                guard byte >= 0x30, byte <= 0x39 else { return nil }
                fields[fields.count - 1] = fields[fields.count - 1] * 10 + Int64(byte - 0x30)
            } else {
                guard byte == expected else { return nil }
                fields.append(0)
            }
        }
        guard fields[3] < 24, fields[4] < 60, fields[5] < 60 else { return nil }
        let days = Timestamp.daysFromEpoch(year: fields[0], month: fields[1], day: fields[2])
        // A date such as February 30 comes back as another one.
        let date = Timestamp.civilDate(daysFromEpoch: days)
        guard (1...12).contains(fields[1]), date == (fields[0], fields[1], fields[2]) else { return nil }
        let seconds = fields[3] * 3600 + fields[4] * 60 + fields[5]
        self.init(unixMilliseconds: days * 86_400_000 + seconds * 1000 + fields[6])
    }
}

extension Int64 {
    fileprivate func flooredDivision(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

extension String {
    fileprivate mutating func append(digits value: Int64, count: Int) {
        let text = String(value)
        for _ in text.utf8.count..<max(count, text.utf8.count) { append("0") }
        append(text)
    }
}
