// The kernel checks as a program: cases and their results (check.h), arguments, signals, the summary.
#include "check.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct kernel_result {
    const char *name;
    uint32_t needs;
    int32_t passed, failed;
} kernel_result;

static struct {
    uint64_t seed;
    const char *op;
    int32_t number;
    char shape[160];
    kernel_result kernels[128];
    int32_t kernel_count, current;
    int32_t degenerate;
} state;

// ---- cases ----

void check_begin_case(const char *op, int32_t number) {
    state.op = op;
    state.number = number;
    check_data_begin(state.seed, number);
    state.shape[0] = 0;
    state.current = -1;
}

void check_describe(const char *format, ...) {
    va_list list;
    va_start(list, format);
    vsnprintf(state.shape, sizeof state.shape, format, list);
    va_end(list);
}

// ---- results ----

bool check_can_run(const char *kernel, uint32_t needs) {
    int32_t k = 0;
    while (k < state.kernel_count && strcmp(state.kernels[k].name, kernel) != 0)
        k++;
    if (k == state.kernel_count) {
        if (k == (int32_t)(sizeof state.kernels / sizeof state.kernels[0])) {
            fprintf(stderr, "check-kernels: more kernels than this program has room for\n");
            exit(2);
        }
        state.kernels[state.kernel_count++] = (kernel_result){kernel, needs, 0, 0};
    }
    state.current = k;
    return (needs & ~tsr_cpu_detect()) == 0;
}

static void print_case(const char *what) {
    fprintf(
        stderr, "%s: %s, case %d (data class %d): %s\n", what,
        state.current < 0 ? state.op : state.kernels[state.current].name, state.number, (int)check_data(), state.shape
    );
}

void check_equal(const uint8_t *expected, const uint8_t *out, size_t bytes) {
    kernel_result *k = &state.kernels[state.current];
    size_t first = 0, wrong = 0;
    for (size_t i = bytes; i-- > 0;) {
        if (expected[i] != out[i]) {
            first = i;
            wrong++;
        }
    }
    if (wrong == 0) {
        k->passed++;
        return;
    }
    if (k->failed++ < 5) {
        print_case("MISMATCH");
        fprintf(stderr, "  %zu of %zu bytes differ, first at %zu\n  expected", wrong, bytes, first);
        for (size_t i = first; i < bytes && i < first + 16; i++)
            fprintf(stderr, " %02x", expected[i]);
        fprintf(stderr, "\n  got     ");
        for (size_t i = first; i < bytes && i < first + 16; i++)
            fprintf(stderr, " %02x", out[i]);
        fprintf(stderr, "\n");
    }
}

void check_not_degenerate(const uint8_t *expected, size_t bytes, int32_t values) {
    bool seen[256] = {false};
    int32_t distinct = 0;
    if (check_data() != DATA_RANDOM || values < 256) return;
    for (size_t i = 0; i < bytes; i++) {
        distinct += !seen[expected[i]];
        seen[expected[i]] = true;
    }
    if (distinct >= 12) return;
    state.degenerate++;
    print_case("DEGENERATE: the scalar gives too few values");
}

static void on_signal(int signal_number) {
    print_case(signal_number == SIGILL ? "ILLEGAL INSTRUCTION" : "ACCESS OUTSIDE THE BUFFERS");
    _exit(1);
}

// ---- the program ----

static uint32_t bit_of(const char *name) {
    static const struct {
        const char *name;
        uint32_t bit;
    } steps[] = {
        {"sse41", TSR_CPU_SSE41},     {"avx2", TSR_CPU_AVX2},
        {"avxvnni", TSR_CPU_AVXVNNI}, {"avx512vnni", TSR_CPU_AVX512VNNI},
        {"neon", TSR_CPU_NEON},       {"dotprod", TSR_CPU_DOTPROD},
        {"i8mm", TSR_CPU_I8MM},
    };
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (strcmp(steps[i].name, name) == 0) return steps[i].bit;
    }
    fprintf(stderr, "check-kernels: unknown CPU step '%s'\n", name);
    exit(2);
}

// Prints a line per kernel; returns the failures, with 1 more for each required step whose kernels did not run.
static int32_t summarize(uint32_t required) {
    int32_t passed = 0, failed = state.degenerate;
    uint32_t ran = 0;
    for (int32_t k = 0; k < state.kernel_count; k++) {
        const kernel_result *r = &state.kernels[k];
        if (r->passed + r->failed == 0) {
            printf("  left out  %s: this CPU lacks what it needs\n", r->name);
            continue;
        }
        printf("  %-8s  %s: %d of %d cases\n", r->failed ? "FAILED" : "ok", r->name, r->passed, r->passed + r->failed);
        ran |= r->needs;
        passed += r->passed;
        failed += r->failed;
    }
    if ((required & ~ran) != 0 || ran == 0) {
        printf("  FAILED    no kernel ran of a required step (CPU bits wanted 0x%x, ran 0x%x)\n", required, ran);
        failed++;
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed;
}

int main(int argc, char **argv) {
    uint32_t required = 0;
    int32_t cases = 300;
    state.seed = 1;
    for (int32_t i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--require") == 0)
            required |= bit_of(argv[i + 1]);
        else if (strcmp(argv[i], "--seed") == 0)
            state.seed = strtoull(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--cases") == 0)
            cases = (int32_t)strtol(argv[i + 1], NULL, 10);
        else
            argc = 0;
    }
    if (argc % 2 == 0 || cases < 1) {
        fprintf(stderr, "usage: check-kernels [--require STEP]... [--seed N] [--cases N]\n");
        return 2;
    }
    signal(SIGSEGV, on_signal);
    signal(SIGBUS, on_signal);
    signal(SIGILL, on_signal);
    printf(
        "CPU bits 0x%x; %d cases an operation; rerun with --seed %llu\n", tsr_cpu_detect(), cases,
        (unsigned long long)state.seed
    );
    fflush(stdout);
    check_pointwise(cases);
    check_depthwise(cases);
    check_stem(cases);
    check_interleave(cases);
    check_pool(cases);
    check_dense(cases);
    return summarize(required) == 0 ? 0 : 1;
}
