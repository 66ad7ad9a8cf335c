// What the kernel checks share: random data with a printed seed, memory between unmapped pages, layers of every data
// class, and the bookkeeping of who passed. Plain C, so that it runs under an emulator where no Swift library exists.
#ifndef TSR_CHECK_H
#define TSR_CHECK_H

#include "CKernels.h"

#include <stdbool.h>

// ---- random numbers, restarted for every case: the same seed gives the same case on every machine ----
void check_data_begin(uint64_t seed, int32_t number);
uint32_t check_random(void);
int32_t check_between(int32_t low, int32_t high); // both included
bool check_coin(void);
void check_fill(uint8_t *bytes, size_t count);

// ---- memory: each slot is one buffer between two unmapped pages; it touches the upper or the lower one ----
typedef enum check_slot {
    SLOT_IN,
    SLOT_SKIP,
    SLOT_WEIGHTS, // and one more a packing
    SLOT_WEIGHTS_LAST = SLOT_WEIGHTS + TSR_PACKINGS - 1,
    SLOT_EXPECTED,
    SLOT_OUT,
    SLOT_COUNT
} check_slot;
enum { SLOT_BYTES = 1 << 20 };

// `bytes` of the slot, at its upper end or, if that case drew so, its lower end (then 64-byte aligned).
uint8_t *check_place(check_slot slot, size_t bytes);

// ---- cases ----
typedef enum data_class {
    DATA_RANDOM,
    DATA_ALL_MIN,     // every input -128, every weight +-127
    DATA_ALL_MAX,     // every input 127, every weight +-127
    DATA_ZERO_POINTS, // zero points -128 or 127 on both sides
    DATA_HALF_WAY,    // multiplier 0.5 or 0.25 and small sums: many values lie half way between integers
    DATA_NARROW,      // clamp range of few values
    DATA_OVERFLOW,    // products far beyond a byte and beyond 16 bits
    DATA_CLASSES
} data_class;

enum { MAX_CHANNELS = 96, MAX_INPUTS = 160 };

// A layer drawn for the case's data class; weights are [channels][inputs].
typedef struct check_layer {
    int32_t channels, inputs;
    int8_t weights[MAX_CHANNELS * MAX_INPUTS];
    int32_t bias[MAX_CHANNELS];
    float multiplier[MAX_CHANNELS];
    tsr_channel_params params;
    tsr_output output;
} check_layer;

void check_begin_case(const char *op, int32_t number); // restarts the random numbers, sets the data class
data_class check_data(void);
void check_layer_init(check_layer *layer, int32_t channels, int32_t inputs);
void check_fill_inputs(uint8_t *bytes, size_t count); // activations of the data class
int32_t check_width(void);                            // 1..33, the edges of tiles more often
void check_describe(const char *format, ...);         // shape of the case, for messages

// True if the CPU can run a row; the summary names the rows that it cannot run.
bool check_can_run(const char *kernel, uint32_t needs);
// Compares what the kernel named last wrote with the scalar's output: all of both buffers, gaps included.
void check_equal(const uint8_t *expected, const uint8_t *out, size_t bytes);
// Fails if the scalar's own output, `values` of the bytes, shows too few different ones to prove anything.
void check_not_degenerate(const uint8_t *expected, size_t bytes, int32_t values);

// ---- one function per family, each walking its tables ----
void check_pointwise(int32_t cases);
void check_depthwise(int32_t cases);
void check_stem(int32_t cases);
void check_interleave(int32_t cases);
void check_pool(int32_t cases);
void check_dense(int32_t cases);

#endif
