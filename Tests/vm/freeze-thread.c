// freeze-thread TID: stops one thread of another process and leaves the others running, until this ends or they do. What a network that
// hangs looks like from outside, without a switch in the product.
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/wait.h>

int main(int argc, char **argv) {
    const pid_t thread = argc == 2 ? (pid_t)atoi(argv[1]) : 0;
    if (thread <= 0) return 64;
    if (ptrace(PTRACE_SEIZE, thread, NULL, NULL) != 0 || ptrace(PTRACE_INTERRUPT, thread, NULL, NULL) != 0) {
        perror("ptrace");
        return 1;
    }
    int status;
    while (waitpid(thread, &status, __WALL) == thread && WIFSTOPPED(status)) {
        // Stopped: stays so, since nobody says PTRACE_CONT.
        puts("frozen");
        fflush(stdout);
    }
    return 0;
}
