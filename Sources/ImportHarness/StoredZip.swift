/// Writes zip archives whose members are stored as they are, as `torch.save` does.
package struct StoredZip {
    package var members: [(name: String, bytes: [UInt8])]
    /// What the directory says of how members are packed; 0 is true.
    package var method = 0

    package init(_ members: [(name: String, bytes: [UInt8])]) { self.members = members }

    package var bytes: [UInt8] {
        var (file, directory) = ([UInt8](), [UInt8]())
        for (name, content) in members {
            let start = file.count
            let common = number(20, 2) + number(0, 2) + number(method, 2) + number(0, 8)
            let sizes = number(content.count, 4) + number(content.count, 4) + number(name.utf8.count, 2) + number(0, 2)
            file += number(0x0403_4b50, 4) + common + sizes + Array(name.utf8) + content
            directory += number(0x0201_4b50, 4) + number(20, 2) + common + sizes
            directory += number(0, 2) + number(0, 2) + number(0, 2) + number(0, 4) + number(start, 4)
            directory += Array(name.utf8)
        }
        let start = file.count
        file += directory
        file += number(0x0605_4b50, 4) + number(0, 4) + number(members.count, 2) + number(members.count, 2)
        return file + number(directory.count, 4) + number(start, 4) + number(0, 2)
    }

    private func number(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
