package import Tensors

/// What is asked of a camera; it may give something else.
package struct CameraRequest: Hashable, Sendable {
    package var width = 640
    package var height = 480
    package var framesPerSecond = 30
    /// Only this format; nil lets `CameraSource.preference` decide.
    package var format: PixelFormat?
    package var controls = CameraControls()
    /// How long no good frame may come before the camera counts as dead.
    package var silenceNs: UInt64 = 2_000_000_000
    /// The same for the first frame, for which some cameras need to wake their sensor.
    package var firstSilenceNs: UInt64 = 4_000_000_000
    /// Buffers in the driver; 4 cover a frame in exposure, one in transfer, and a late reader.
    package var buffers = 4
    package init() {}

    /// Sets the size from `640x480`; false when it is no size.
    package mutating func setSize(_ text: String) -> Bool {
        let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        guard sides.count == 2, (16...16384).contains(sides[0]), (16...16384).contains(sides[1]) else { return false }
        (width, height) = (sides[0], sides[1])
        return true
    }
}

/// Controls that are set before the stream starts; nil leaves what the camera has.
package struct CameraControls: Hashable, Sendable {
    package enum Setting: Hashable, Sendable {
        case automatic
        /// In the unit of the control.
        case fixed(Int)

        /// From `auto` or a number in `range`; nil for anything else.
        package init?(_ text: String, _ range: ClosedRange<Int>) {
            if text == "auto" {
                self = .automatic
            } else if let value = Int(text), range.contains(value) {
                self = .fixed(value)
            } else {
                return nil
            }
        }
    }

    /// What the lamps do: how exposure avoids flicker.
    package enum PowerLine: String, CaseIterable, Hashable, Sendable {
        case off
        case hertz50 = "50"
        case hertz60 = "60"
        case automatic = "auto"
    }

    /// In microseconds; drivers count in steps of 100.
    package var exposure: Setting?
    /// In kelvin.
    package var whiteBalance: Setting?
    package var powerLine: PowerLine?
    package init() {}
}

/// A control of a camera, as the driver knows it.
package enum CameraControl: Hashable, Sendable {
    case exposureIsAutomatic(Bool)
    /// In steps of 100 microseconds.
    case exposureSteps(Int)
    case whiteBalanceIsAutomatic(Bool)
    case whiteBalanceKelvin(Int)
    case powerLine(CameraControls.PowerLine)

    /// For messages.
    package var name: String {
        switch self {
        case .exposureIsAutomatic, .exposureSteps: "exposure"
        case .whiteBalanceIsAutomatic, .whiteBalanceKelvin: "white balance"
        case .powerLine: "power line frequency"
        }
    }
}

extension CameraControls {
    /// In the order in which a driver takes them: a value counts only once automatic is off.
    var all: [CameraControl] {
        var list: [CameraControl] = []
        switch exposure {
        case nil: break
        case .automatic?: list.append(.exposureIsAutomatic(true))
        case .fixed(let microseconds)?:
            list += [.exposureIsAutomatic(false), .exposureSteps(max(1, (microseconds + 50) / 100))]
        }
        switch whiteBalance {
        case nil: break
        case .automatic?: list.append(.whiteBalanceIsAutomatic(true))
        case .fixed(let kelvin)?: list += [.whiteBalanceIsAutomatic(false), .whiteBalanceKelvin(kelvin)]
        }
        if let powerLine { list.append(.powerLine(powerLine)) }
        return list
    }
}
