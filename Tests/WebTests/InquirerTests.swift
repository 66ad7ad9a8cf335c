import TarsierClient
import Testing

/// Without a daemon every question says so, and the next one tries again.
@Suite struct InquirerTests {
    @Test func `Who is not there cannot be asked`() async throws {
        var inquirer = TarsierInquirer(path: "/nowhere/tarsier.sock")
        for _ in 0..<2 {
            do {
                _ = try await inquirer.status()
                Issue.record("an answer from nobody")
            } catch let error as TarsierError {
                #expect(error.code == .notRunning)
            }
        }
        inquirer.close()
    }
}
