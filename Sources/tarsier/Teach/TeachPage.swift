import Daemon
import Imaging
import LinuxIO
import Quantization
import Tensors

/// The report of `teach` as one self-contained page, in the style of the quantizer's.
struct TeachPage: PageDrawing {
    /// Wrong photos that are shown.
    private static let shown = 24

    let summary: TeachSummary
    let photos: TeachingPhotos
    let preprocessing: Preprocessing

    func write(to path: String) throws {
        let text = Array(try html().utf8)
        do throws(SystemError) { try unsafe AtomicFile.write(text.span.bytes, to: path) } catch { throw Failure(error) }
    }

    func html() throws -> String {
        let notes = (summary.findings + [summary.moreOf.text]).map { "<li>\(escape($0))</li>" }
        return [
            head, cards, table("Classes", classRows), confusion, try wrong(),
            "<h2>The photos</h2><ul>\(notes.joined())</ul>", table("Penalties tried", trialRows), "</body></html>\n",
        ].joined(separator: "\n")
    }

    private var head: String {
        """
        <!doctype html><html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Taught: \(escape(summary.labels.joined(separator: ", ")))</title><style>\(TeachPage.style)</style></head><body>
        <h1>Taught: \(escape(summary.labels.joined(separator: ", ")))</h1>
        <p class="quiet">\(escape(summary.output)) &middot; <code>\(escape(summary.sha256))</code><br>
        Every answer here is that of a head that was trained without the photo.\(summary.fewShot ? " Few photos: take the figures as rough." : "")</p>
        """
    }

    private var cards: String {
        let facts: [(String, String)] = [
            (
                "accuracy, 95 %: \(percent(summary.accuracy.low, 1)) to \(percent(summary.accuracy.high, 1))",
                percent(summary.accuracy.top1, 1)
            ),
            ("photos", "\(summary.images)"),
            ("unknown below", fixed(Double(summary.unknownThreshold), 2)),
            ("photos called unknown", percent(summary.calledUnknown, 1)),
            ("pictures of nothing called unknown", percent(summary.nothingCalledUnknown, 1)),
            ("temperature", fixed(Double(summary.temperature), 2)), ("time", "\(fixed(summary.seconds.total, 1)) s"),
        ]
        let cards = facts.map { "<div class=card><b>\(escape($0.1))</b><span>\(escape($0.0))</span></div>" }
        return "<div class=cards>\(cards.joined())</div>"
    }

    private var classRows: [[String]] {
        [["class", "photos", "right", "share", "loss"]]
            + summary.classes.map { own in
                [
                    own.label, "\(own.photos)", "\(own.right)",
                    percent(Double(own.right) / Double(max(1, own.photos)), 1), fixed(own.loss, 3),
                ]
            }
    }

    private var trialRows: [[String]] {
        [["penalty", "loss", "accuracy", ""]]
            + summary.trials.map {
                [fixed($0.penalty, 3), fixed($0.loss, 4), percent($0.top1, 1), $0.chosen ? "chosen" : ""]
            }
    }

    private var confusion: String {
        let rows = zip(summary.labels, summary.confusion).map { label, counts in
            [label] + counts.map { $0 == 0 ? "" : "\($0)" }
        }
        return table("Confusion: rows are the truth, columns the answers", [[""] + summary.labels] + rows)
    }

    private func wrong() throws -> String {
        guard !summary.wrong.isEmpty else { return "" }
        let places = Dictionary(photos.photos.facts.enumerated().map { ($1.path, $0) }) { first, _ in first }
        let figures = try summary.wrong.prefix(TeachPage.shown).map { photo in
            let thumbnail = try places[photo.file].map {
                try Thumbnail.base64(
                    photos.photos.pixels($0), width: preprocessing.width, height: preprocessing.height)
            }
            return "<figure class=differs><img alt=\"\" src=\"data:image/jpeg;base64,\(thumbnail ?? "")\">"
                + "<figcaption>\(escape(photo.answer)) \(fixed(photo.score, 2)), not \(escape(photo.label))"
                + "<br><span class=quiet>\(escape(photo.file))</span></figcaption></figure>"
        }
        return "<h2>Photos it gets wrong, the surest first</h2><div class=photos>\(figures.joined())</div>"
    }
}
