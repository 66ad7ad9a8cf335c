import Tensors
import Testing

@testable import Imaging

/// Bytes that PIL 12's `resize((w, h), BILINEAR, box=...)` gives for the same picture and box.
struct Golden: CustomStringConvertible, Sendable {
    let (width, height, outWidth, outHeight): (Int, Int, Int, Int)
    let crop: Double
    let bytes: [UInt8]

    init(_ width: Int, _ height: Int, _ outWidth: Int, _ outHeight: Int, _ crop: Double, _ hex: String) {
        (self.width, self.height, self.outWidth, self.outHeight) = (width, height, outWidth, outHeight)
        self.crop = crop
        let digits = hex.utf8.map { $0 < 58 ? $0 - 48 : $0 - 87 }
        bytes = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    var description: String { "\(width)x\(height) -> \(outWidth)x\(outHeight), crop \(crop)" }

    static let all = [
        Golden(
            23, 17, 5, 4, 1.0,
            """
            50616d38424667695d7d917b8c92952e4252585f74757589808c9b8f9c9e485e746d81946e87a69296b09db1b55f6a86\
            6281a77c8c9f929d9baed16b
            """),
        Golden(
            16, 16, 16, 16, 1.0,
            """
            05048ba2e81c7e8c98c80abe1c1c1c2323232a2a2a3131313838383f3f3f4646464d4d4d03c74d52f48baaa89f29edc4\
            75b954b693c2713474ab85df1f222526292c2d303334373a3b3e41424548494c4f505356a1eb62c8d3189e9c1c94e317\
            46c7bb602e48e164c6b717bc22282e292f3530363c373d433e444a454b514c525853595f6b58fac5a7737a7d5f5af162\
            1da0ab72d924219a93a37375252e372c353e333c453a434c414a5348515a4f5861565f68adb91e189b20641345c54486\
            0c1824131f2b1a2632212d392834402f3b4736424e3d49552688fcb94b53af63d585d5a4606c7867737f6e7a8675818d\
            0f1e2d1625341d2c3b2433422b3a49324150394857404f5e2f34f24945e4cddd4e29df9b6372816a798871808f788796\
            122436192b3d20324427394b2e40523547593c4e604355676a97d09ff0386a0e94dc4afe66788a6d7f917486987b8d9f\
            152a3f1c314623384d2a3f5431465b384d623f5469465b708ccba70fc82cd40bf3a03fb1697e9370859a778ca17e93a8\
            1830481f374f263e562d455db332e1b9a1323f60834e592b506880576f875e768e657d956c849c738ba37a92aa8199b1\
            1b3651223d5829445f304b66ef47490ea1d4c1fd899fb6a1536e895a7590617c9768839e6f8aa57691ac7d98b3849fba\
            1e3c5a2543612c4a6833516fa342a621482cdd92aef951cc5674925d7b996482a06b89a77290ae7997b5809ebc87a5c3\
            21426328496a2f5071365778dbc6d7e7c544c1c77b98f90c597a9b6081a26788a96e8fb07596b77c9dbe83a4c58aabcc\
            a374dc2d30a4449e0e92de27406488476b8f4e729655799d5c80a46387ab6a8eb27195b9f23617bc9966aaf376df9da8\
            8974ab56222da3a0244280bb436a914a719851789f587fa65f86ad668db46d94bb749bc25f77a60461fce4d0b03da9b5\
            71df9fbff32d5972427ed7d946709a4d77a1547ea85b85af628cb66993bd709ac477a1cb325c6b2e9ca5209a02a90081\
            5dfa5e8493a0600fac2f2f4b4976a3507daa5784b15e8bb86592bf6c99c673a0cd7aa7d40593970531989a437ad0d44b
            """),
        Golden(
            7, 5, 12, 9, 1.0,
            """
            05048b547654a0e3238cb0688a769eb32eb3980f913919371f1f1f2323232727272a2a2a3c278760736a82ba526f8888\
            6b55ac8e21a87b0d80331a3520212224252628292a2b2c2d976080756d8f51759f3e44bd381dc4500b964c0b65291d33\
            22242726282b2a2c2f2d2f32a9878d7296a23ba1b6447aa8525a9d6f4a9a633a79302a3b23282c272c302b30342e3337\
            aaa89f6acbb22deabe57cd8080b366a49ea38d75993b3a47252b31292f352d333930363c60ac7853c3a045d3c24a9188\
            636f6aaa95909e8583404046272e362b323a2f363e323941219e533bab8650afb43b5a834636679e83789c876c414344\
            28323b2c363f303a43333d46144a3620524b2a555e24384f2b2d464f4c4f50504d3139412a35402e3944323d4835404b\
            0c1824101c28131f2b17232f1b27331f2b37232f3b27333f2b37432f3b47333f4b36424e
            """),
        Golden(
            40, 31, 8, 8, 0.875,
            """
            4a485463607676747a888f989da69f9ba0a7c8bfd7cfd0bd606b7e6a8b9b79869a8e9797a098a9bbcbccc3d397a98567\
            5d777f6f8ba68390ab898895abc3c0c2dd6ab09b5f8551605e83a673a2b57aa89a9dc0aab2d84e99965cc93e525b3158\
            7377a0889fa889c67ba5d339858f6eb93a59c32b60644d788f8e9c8ebb519ac23e9b7c6bb0436edf2d66a25572566284\
            84b0488bc7348a985da93660d6276abf4f836766973d67ae89c92f8ba4559f3f66c5266fb9467a7e63973671a7347bbc
            """),
        Golden(1, 1, 3, 2, 1.0, "05048b05048b05048b05048b05048b05048b"),
        Golden(
            64, 2, 4, 4, 1.0,
            """
            d7d7d7dbdbdbdededee2e2e2d8d9d9dcdddddfe0e0e3e4e4d9dcdedde0e2e0e3e5e4e7e9dadde0dee1e4e1e4e7e5e8eb
            """),
        Golden(
            33, 29, 7, 6, 0.9,
            """
            3c4a4f5450558379778190928f869aa092a7cccac4474760736682748096818b9782a1b1b5c8aeb1b170646d7c69789e\
            6f8a9d879aabaacd8fabca5d9f6a5c537ca87291a77ea0a098c5649bba49b16160a237635e85b276a1998fc35091a554\
            b05761dc356c9354866f9f8780c33c85ad50a55172cc2f73a3519248729c
            """),
    ]
}

@Suite struct GoldenTests {
    @Test(arguments: Golden.all) func `resizing gives the bytes of PIL`(golden: Golden) throws {
        let preprocessing = Preprocessing(
            width: golden.outWidth, height: golden.outHeight, cropFraction: golden.crop, std: 64)
        var preparer = try Preparer(preprocessing)
        let frame = Fixture.frame(.rgb24, golden.width, golden.height, Fixture.picture(golden.width, golden.height))
        #expect(try preparer.prepare(frame) == golden.bytes)
    }

    @Test func `weights of every output pixel sum to one`() {
        let cases: [(Int, Float, Float, Int)] = [
            (640, 80, 560, 224), (3, 0, 3, 7), (1000, 0.25, 999.5, 2), (1, 0, 1, 1),
        ]
        for (size, start, end, out) in cases {
            let table = FilterTable(inputSize: size, start: start, end: end, outputSize: out)
            for index in 0..<out {
                let sum = table.weights[(index * table.stride)..<((index + 1) * table.stride)].reduce(0, +)
                #expect(abs(sum - 1 << 22) <= Int32(table.stride))
                #expect(table.first[index] >= 0 && Int(table.first[index] + table.taps[index]) <= size)
                #expect(table.taps[index] >= 1)
            }
        }
    }

    @Test func `the box is the largest centred rectangle of the input's shape`() {
        let square = Preprocessing(width: 224, height: 224, cropFraction: 1, std: 64)
        let box = CropBox(of: square, width: 640, height: 480)
        #expect([box.left, box.top, box.right, box.bottom] == [80, 0, 560, 480])
        let part = Preprocessing(width: 200, height: 100, cropFraction: 0.5, std: 64)
        let small = CropBox(of: part, width: 400, height: 400)
        #expect([small.left, small.top, small.right, small.bottom] == [100, 150, 300, 250])
    }

    @Test(arguments: [
        (640, 480, 1.0, 2), (640, 480, 0.875, 1), (447, 447, 1.0, 1), (448, 448, 1.0, 2), (896, 1000, 1.0, 4),
        (4000, 3000, 1.0, 8), (16384, 100, 1.0, 1),
    ])
    func `a JPEG is decoded small only when every input pixel keeps one`(
        width: Int, height: Int, crop: Double, expected: Int
    ) {
        let preprocessing = Preprocessing(width: 224, height: 224, cropFraction: crop, std: 64)
        #expect(CropBox(of: preprocessing, width: width, height: height).decodeDenominator == expected)
    }
}
