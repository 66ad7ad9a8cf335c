// The kernel checks as a program: data, memory and bookkeeping (check.h), arguments, signals, the summary.
#include "check.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct kernel_result {
    const char *name;
    uint32_t needs;
    int32_t passed, failed;
} kernel_result;

static struct {
    uint64_t seed;
    uint32_t random;
    const char *op;
    int32_t number;
    data_class data;
    bool low_end;
    char shape[160];
    kernel_result kernels[128];
    int32_t kernel_count, current;
    int32_t left_out, degenerate;
} state;

// ---- random numbers (xorshift) ----

uint32_t check_random(void) {
    uint32_t x = state.random;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return state.random = x;
}

int32_t check_between(int32_t low, int32_t high) {
    return low + (int32_t)(check_random() % (uint32_t)(high - low + 1));
}

bool check_coin(void) { return check_random() >> 31 != 0; }

void check_fill(uint8_t *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) bytes[i] = (uint8_t)(check_random() >> 11);
}

// ---- memory ----

uint8_t *check_place(check_slot slot, size_t bytes) {
    static uint8_t *slots[SLOT_COUNT];
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (slots[slot] == NULL) {
        uint8_t *all =
            mmap(NULL, SLOT_BYTES + 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (all == MAP_FAILED || mprotect(all, page, PROT_NONE) != 0 ||
            mprotect(all + page + SLOT_BYTES, page, PROT_NONE) != 0) {
            perror("check-kernels: mapping test memory");
            exit(2);
        }
        slots[slot] = all + page;
    }
    if (bytes > SLOT_BYTES) {
        fprintf(stderr, "check-kernels: a case needs %zu bytes, slots have %d\n", bytes, SLOT_BYTES);
        exit(2);
    }
    return state.low_end ? slots[slot] : slots[slot] + SLOT_BYTES - bytes;
}

// ---- cases ----

void check_begin_case(const char *op, int32_t number) {
    state.op = op;
    state.number = number;
    state.data = (data_class)(number % DATA_CLASSES);
    state.random = (uint32_t)(state.seed * 2654435761u) ^ ((uint32_t)number * 40503u + 1u) * 2246822519u;
    if (state.random == 0) state.random = 1;
    for (int32_t i = 0; i < 8; i++) check_random();
    state.low_end = check_coin();
    state.shape[0] = 0;
    state.current = -1;
}

data_class check_data(void) { return state.data; }

int32_t check_width(void) {
    static const int32_t edges[] = {1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 32, 33};
    return check_coin() ? edges[check_random() % (sizeof edges / sizeof edges[0])] : check_between(1, 33);
}

void check_describe(const char *format, ...) {
    va_list list;
    va_start(list, format);
    vsnprintf(state.shape, sizeof state.shape, format, list);
    va_end(list);
}

static int8_t draw_weight(void) {
    if (state.data == DATA_ALL_MIN || state.data == DATA_ALL_MAX) return check_coin() ? 127 : -127;
    if (state.data == DATA_HALF_WAY) return (int8_t)check_between(-1, 1);
    return (int8_t)check_between(-127, 127);
}

// Spreads most of a layer's values over the byte range; `inputs` products of random bytes, or as the class says.
static float draw_multiplier(int32_t inputs) {
    const float product = state.data == DATA_ALL_MIN || state.data == DATA_ALL_MAX ? 128.0f * 127.0f : 74.0f * 73.0f;
    const float spread = (float)check_between(30, 120) / product;
    float root = 1.0f;
    while (root * root < (float)inputs) root += 1.0f;
    if (state.data == DATA_HALF_WAY) return check_coin() ? 0.5f : 0.25f;
    if (state.data == DATA_OVERFLOW) return check_coin() ? 1.0f : 1.7f * spread;
    return spread / root;
}

static tsr_output draw_output(void) {
    tsr_output o = {check_between(-128, 127), -128, 127};
    if (state.data == DATA_RANDOM) o.zero_point = check_between(-110, 40);
    if (state.data == DATA_ZERO_POINTS) o.zero_point = check_coin() ? -128 : 127;
    if (state.data == DATA_HALF_WAY) o.zero_point = check_between(-3, 3);
    if (state.data == DATA_NARROW) {
        o.low = check_between(-128, 120);
        o.high = o.low + check_between(0, 7);
    } else if (check_coin()) {
        o.low = o.zero_point; // as ReLU
    }
    return o;
}

void check_layer_init(check_layer *layer, int32_t channels, int32_t inputs) {
    const bool bias_only_small = state.data == DATA_HALF_WAY;
    layer->channels = channels;
    layer->inputs = inputs;
    for (int32_t i = 0; i < channels * inputs; i++) layer->weights[i] = draw_weight();
    for (int32_t c = 0; c < channels; c++) {
        layer->bias[c] = bias_only_small ? check_between(-9, 9) : check_between(-9000, 9000);
        layer->multiplier[c] = draw_multiplier(inputs);
    }
    int32_t zero_point = check_between(-128, 127);
    if (state.data == DATA_RANDOM) zero_point = check_between(-20, 20);
    if (state.data == DATA_ZERO_POINTS) zero_point = check_coin() ? -128 : 127;
    if (state.data == DATA_HALF_WAY) zero_point = 0;
    layer->params = (tsr_channel_params){layer->bias, layer->multiplier, zero_point};
    layer->output = draw_output();
}

void check_fill_inputs(uint8_t *bytes, size_t count) {
    check_fill(bytes, count);
    if (state.data == DATA_ALL_MIN) memset(bytes, tsr_stored(-128), count);
    if (state.data == DATA_ALL_MAX) memset(bytes, tsr_stored(127), count);
    if (state.data == DATA_HALF_WAY) {
        for (size_t i = 0; i < count; i++) bytes[i] = tsr_stored((int32_t)(bytes[i] % 15) - 7);
    }
}

// ---- results ----

bool check_can_run(const char *kernel, uint32_t needs) {
    int32_t k = 0;
    while (k < state.kernel_count && strcmp(state.kernels[k].name, kernel) != 0) k++;
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
        state.current < 0 ? state.op : state.kernels[state.current].name, state.number, (int)state.data, state.shape
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
        for (size_t i = first; i < bytes && i < first + 16; i++) fprintf(stderr, " %02x", expected[i]);
        fprintf(stderr, "\n  got     ");
        for (size_t i = first; i < bytes && i < first + 16; i++) fprintf(stderr, " %02x", out[i]);
        fprintf(stderr, "\n");
    }
}

void check_not_degenerate(const uint8_t *expected, size_t bytes, int32_t values) {
    bool seen[256] = {false};
    int32_t distinct = 0;
    if (state.data != DATA_RANDOM || values < 256) return;
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
        {"sse41", TSR_CPU_SSE41},           {"avx2", TSR_CPU_AVX2}, {"avxvnni", TSR_CPU_AVXVNNI},
        {"avx512vnni", TSR_CPU_AVX512VNNI}, {"neon", TSR_CPU_NEON}, {"dotprod", TSR_CPU_DOTPROD},
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
    int32_t cases = 500;
    state.seed = 1;
    for (int32_t i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--require") == 0) required |= bit_of(argv[i + 1]);
        else if (strcmp(argv[i], "--seed") == 0) state.seed = strtoull(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--cases") == 0) cases = (int32_t)strtol(argv[i + 1], NULL, 10);
        else argc = 0;
    }
    if (argc % 2 == 0 || cases < 1) {
        fprintf(stderr, "usage: check-kernels [--require STEP]... [--seed N] [--cases N]\n");
        return 2;
    }
    signal(SIGSEGV, on_signal);
    signal(SIGBUS, on_signal);
    signal(SIGILL, on_signal);
    printf("CPU bits 0x%x; %d cases an operation; rerun with --seed %llu\n", tsr_cpu_detect(), cases,
           (unsigned long long)state.seed);
    fflush(stdout);
    check_pointwise(cases);
    check_depthwise(cases);
    check_stem(cases);
    check_interleave(cases);
    check_pool(cases);
    check_dense(cases);
    return summarize(required) == 0 ? 0 : 1;
}
