import ArgumentParser
import Tensors

/// `--region`, for commands that look at photos as the daemon looks at its camera.
struct RegionOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Look at this part of each picture only, as `region` of the daemon: fractions (0.25,0,0.5,1) or pixels.",
            valueName: "X,Y,W,H"))
    var region: String?

    func validate() throws {
        guard let region else { return }
        if RegionOfInterest(parsing: region) == nil {
            throw ValidationError(
                "--region \(region): must be x,y,width,height in fractions from 0 to 1 or in whole pixels")
        }
    }

    var value: RegionOfInterest? { region.flatMap { RegionOfInterest(parsing: $0) } }
}
