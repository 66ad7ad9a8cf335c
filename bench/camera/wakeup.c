// The least that waking up costs a thread here: sleeps half a second NUMBER times and does nothing else; prints microseconds of
// CPU time each, as /proc/self/schedstat counts them.
//
//     wakeup NUMBER
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static long long cpu_ns(void) {
    long long ns = 0;
    FILE *file = fopen("/proc/self/schedstat", "re");
    if (file == NULL || fscanf(file, "%lld", &ns) != 1) {
        exit(1);
    }
    fclose(file);
    return ns;
}

int main(int count, char **arguments) {
    int number = count == 2 ? atoi(arguments[1]) : 0;
    if (number < 1) {
        return 64;
    }
    struct timespec pause = {0, 500000000};
    // The first one pays for what came before.
    nanosleep(&pause, NULL);
    long long before = cpu_ns();
    for (int i = 0; i < number; i++) {
        nanosleep(&pause, NULL);
    }
    printf("%.1f\n", (double)(cpu_ns() - before) / 1000 / number);
    return 0;
}
