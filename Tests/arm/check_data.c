// Data of the kernel checks (check.h): random numbers, memory between unmapped pages, layers of every data class.
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct {
    uint32_t random;
    data_class data;
    bool low_end;
} state;

void check_data_begin(uint64_t seed, int32_t number) {
    state.data = (data_class)(number % DATA_CLASSES);
    state.random = (uint32_t)(seed * 2654435761u) ^ ((uint32_t)number * 40503u + 1u) * 2246822519u;
    if (state.random == 0) state.random = 1;
    for (int32_t i = 0; i < 8; i++)
        check_random();
    state.low_end = check_coin();
}

data_class check_data(void) { return state.data; }

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
    for (size_t i = 0; i < count; i++)
        bytes[i] = (uint8_t)(check_random() >> 11);
}

// ---- memory ----

uint8_t *check_place(check_slot slot, size_t bytes) {
    static uint8_t *slots[SLOT_COUNT];
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (slots[slot] == NULL) {
        uint8_t *all = mmap(NULL, SLOT_BYTES + 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
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

// ---- shapes and layers ----

int32_t check_width(void) {
    static const int32_t edges[] = {1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 32, 33};
    return check_coin() ? edges[check_random() % (sizeof edges / sizeof edges[0])] : check_between(1, 33);
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
    while (root * root < (float)inputs)
        root += 1.0f;
    if (state.data == DATA_HALF_WAY) return check_coin() ? 0.5f : 0.25f;
    if (state.data == DATA_OVERFLOW) return check_coin() ? 1.0f : 1.7f * spread;
    return spread / root;
}

static tsr_output draw_output(void) {
    tsr_output o = {.zero_point = check_between(-128, 127), .low = -128, .high = 127};
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

// Gives multipliers 22 significant bits, as a model's are, and makes the promises that then hold.
static void draw_promises(check_layer *layer) {
    bool small = true, small_results = true;
    for (int32_t c = 0; c < layer->channels; c++) {
        uint32_t bits;
        memcpy(&bits, &layer->multiplier[c], sizeof bits);
        bits &= ~3u;
        memcpy(&layer->multiplier[c], &bits, sizeof bits);
        int64_t sum = 0; // of the weights' magnitudes; an input less its zero point is at most 255
        for (int32_t k = 0; k < layer->inputs; k++)
            sum += abs(layer->weights[c * layer->inputs + k]);
        const int64_t most = abs(layer->bias[c]) + 255 * sum;
        small = small && most < 1 << 22;
        small_results = small_results && (float)most * layer->multiplier[c] <= TSR_SMALL_RESULT;
    }
    layer->output.small_sums = small;
    layer->output.small_results = small && small_results;
    if (check_coin()) layer->output.zero_point &= ~1; // kernels may round zero points in
}

void check_layer_init(check_layer *layer, int32_t channels, int32_t inputs) {
    const bool bias_only_small = state.data == DATA_HALF_WAY;
    layer->channels = channels;
    layer->inputs = inputs;
    for (int32_t i = 0; i < channels * inputs; i++)
        layer->weights[i] = draw_weight();
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
    if (check_random() % 4 != 0) draw_promises(layer);
}

void check_fill_inputs(uint8_t *bytes, size_t count) {
    check_fill(bytes, count);
    if (state.data == DATA_ALL_MIN) memset(bytes, tsr_stored(-128), count);
    if (state.data == DATA_ALL_MAX) memset(bytes, tsr_stored(127), count);
    if (state.data == DATA_HALF_WAY) {
        for (size_t i = 0; i < count; i++)
            bytes[i] = tsr_stored((int32_t)(bytes[i] % 15) - 7);
    }
}
