/// One line from a client to the daemon.
package struct ClientRequest: Hashable, Sendable {
    package enum Operation: Hashable, Sendable {
        case subscribe(Subscription)
        case status
        case metrics
        case labels
        case ping
        /// The newest frame as a small JPEG.
        case picture
        /// Settings to change while running; which exist is the daemon's to say.
        case set([String: SettingValue])
        /// About the model; to change it is for the daemon's own user and root.
        case model(ModelRequest)

        /// Every `op`, for messages.
        static let names = ["subscribe", "status", "metrics", "labels", "ping", "picture", "set", "model"]
    }

    package var id: RequestID?
    package var operation: Operation

    package init(id: RequestID?, operation: Operation) {
        self.id = id
        self.operation = operation
    }
}

/// The value of one setting.
public enum SettingValue: Hashable, Sendable {
    case bool(Bool)
    case number(Double)
    case text(String)
}

extension ClientRequest {
    /// The line with its newline.
    package func encodeLine() -> [UInt8] {
        var line = JSONLine(reservingCapacity: 128)
        line.beginObject()
        line.key("op")
        switch operation {
        case .subscribe: line.string("subscribe")
        case .status: line.string("status")
        case .metrics: line.string("metrics")
        case .labels: line.string("labels")
        case .ping: line.string("ping")
        case .picture: line.string("picture")
        case .set: line.string("set")
        case .model: line.string("model")
        }
        switch id {
        case .number(let number):
            line.key("id")
            line.integer(number)
        case .text(let text):
            line.key("id")
            line.string(text)
        case nil: break
        }
        switch operation {
        case .subscribe(let subscription): subscription.write(to: &line)
        case .set(let values): values.write(to: &line)
        case .model(let request): request.write(to: &line)
        case .status, .metrics, .labels, .ping, .picture: break
        }
        line.endObject()
        return line.finish()
    }
}

extension [String: SettingValue] {
    fileprivate func write(to line: inout JSONLine) {
        line.key("values")
        line.beginObject()
        for (name, value) in sorted(by: { $0.key < $1.key }) {
            line.key(name)
            switch value {
            case .bool(let value): line.bool(value)
            case .number(let value): line.number(value, decimals: 9)
            case .text(let value): line.string(value)
            }
        }
        line.endObject()
    }
}

extension Subscription {
    fileprivate func write(to line: inout JSONLine) {
        line.key("events")
        line.beginArray()
        for (name, event) in Events.names where events.contains(event) { line.string(name) }
        line.endArray()
        if let labels {
            line.key("labels")
            line.beginArray()
            for label in labels.sorted() { line.string(label) }
            line.endArray()
        }
        if let minScore {
            line.key("min_score")
            line.number(minScore, decimals: 6)
        }
        line.key("mode")
        line.string(mode.rawValue)
        if let maxRate {
            line.key("max_rate")
            // What would be rounded to nothing would be refused; once in eleven days is near enough.
            line.number(maxRate > 0 ? max(maxRate, 1e-6) : maxRate, decimals: 6)
        }
        if let topK {
            line.key("top_k")
            line.integer(topK)
        }
        if let fields {
            line.key("fields")
            line.beginArray()
            for field in Field.allCases where fields.contains(field) { line.string(field.rawValue) }
            line.endArray()
        }
        if let resume {
            line.key("resume")
            line.beginObject()
            line.key("run")
            line.string(resume.run)
            line.key("state_seq")
            line.integer(resume.stateSeq)
            line.endObject()
        }
    }
}
