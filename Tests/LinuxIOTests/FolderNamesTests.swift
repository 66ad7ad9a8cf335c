import Testing

@testable import LinuxIO

@Suite struct FolderNamesTests {
    /// With the address sanitizer this also sees that nothing is read behind the kernel's last entry, which ends anywhere in the buffer.
    @Test func `every name of a large folder is found, whatever its length`() throws {
        let folder = try TemporaryFolder()
        let names = (0..<1500).map { String(repeating: "n", count: $0 % 97) + String($0 + 10000) }
        for name in names { try AtomicFile.write([], to: folder.path + "/" + name) }
        #expect(try FolderNames.list(folder.path) == names.sorted())
    }
}
