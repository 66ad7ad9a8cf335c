// Operations of networks beyond the separable blocks: any window, tables, sums and products, pools, channel moves. All
// work on pixels (tsr_layout.h); `stride` of pixels may be larger than the channels, so that a kernel reads or writes
// some channels of a wider tensor. Rules as in tsr_kernels.h: exactly the bytes named are read and written.
#ifndef TSR_GENERAL_H
#define TSR_GENERAL_H

#include "tsr_cpu.h"
#include "tsr_layout.h"
#include "tsr_pack.h"
#include "tsr_requant.h"

// A picture and the window that slides over it.
typedef struct tsr_window {
    const uint8_t *in;                     // pixel (0, 0)
    size_t in_row_stride, in_pixel_stride; // bytes
    int32_t height, width;                 // of the input, pixels
    int32_t kernel_height, kernel_width, stride, dilation;
    int32_t top, left;       // padding
    int32_t first_row;       // of the output
    int32_t rows, out_width; // of the output, to compute
} tsr_window;

// ---- gather: every window of a picture as one row of bytes, for a pointwise kernel to multiply
// ------------------------
//   out[r][x][tap][c] = in[..][..][c] ^ flip, or padding[c] outside, c < channel_bytes
// One function for all CPUs: it moves whole runs.
typedef struct tsr_gather_args {
    tsr_window window;
    int32_t channel_bytes;  // of a pixel, to copy
    uint8_t flip;           // 0, or 128 where the picture's bytes are not stored bytes
    const uint8_t *padding; // [channel_bytes]
    uint8_t *out;
    size_t out_pixel_stride; // at least taps * channel_bytes
} tsr_gather_args;
void tsr_gather(const tsr_gather_args *args);

// ---- depthwise, any window, pixels into pixels
// --------------------------------------------------------------------------
//   acc[y][x][c] = bias[c] + sum_tap in[..][..][c] * w[tap][c]      stored bytes; the bias accounts for their offset
typedef struct tsr_window_depthwise_args {
    tsr_window window;
    int32_t channels;
    const uint8_t *padding;  // [channels] stored bytes of pixels outside
    const int8_t *weights;   // [taps][channels]
    const int32_t *bias;     // [channels]
    const float *multiplier; // [channels]
    tsr_output output;
    uint8_t *out;
    size_t out_row_stride, out_pixel_stride;
} tsr_window_depthwise_args;
typedef void tsr_window_depthwise_fn(const tsr_window_depthwise_args *args);

// ---- window pool
// ------------------------------------------------------------------------------------------------------
//   maximum: the largest byte inside.   mean: requantize(sum inside of (q - zp_in), multiplier[pixels inside - 1])
typedef struct tsr_window_pool_args {
    tsr_window window; // every window has a pixel inside
    int32_t channels;
    bool is_mean;
    int32_t input_zero_point; // logical; of a mean
    const float *multiplier;  // [taps], of a mean
    tsr_output output;        // of a mean
    uint8_t *out;
    size_t out_row_stride, out_pixel_stride;
} tsr_window_pool_args;
typedef void tsr_window_pool_fn(const tsr_window_pool_args *args);

// ---- table: out = table[in], stored bytes; `out` may be `in`
// -------------------------------------------------------------
typedef struct tsr_table_args {
    const uint8_t *in;
    size_t in_stride; // bytes from pixel to pixel
    uint8_t *out;
    size_t out_stride;
    int32_t pixels, channels;
    const uint8_t *table; // [256]
} tsr_table_args;
typedef void tsr_table_fn(const tsr_table_args *args);

// ---- sum and product of two tensors
// --------------------------------------------------------------------------------------
//   sum:      round_clamp(f32(a - zp_a) * m_a + f32(b - zp_b) * m_b)      each operation rounded
//   product:  round_clamp(f32((a - zp_a) * (b - zp_b)) * m_a)
typedef struct tsr_pair_args {
    const uint8_t *a, *b;
    size_t a_stride, b_stride; // bytes from pixel to pixel; b_stride 0 is one pixel for all
    int32_t pixels, channels;
    int32_t a_zero_point, b_zero_point; // logical
    float a_multiplier, b_multiplier;
    tsr_output output;
    uint8_t *out; // may be a or b
    size_t out_stride;
} tsr_pair_args;
typedef void tsr_pair_fn(const tsr_pair_args *args);

// ---- channel moves, one function for all CPUs
// ------------------------------------------------------------------------------
typedef struct tsr_move_args {
    const uint8_t *in;
    size_t in_stride;
    uint8_t *out;
    size_t out_stride;
    int32_t pixels, channels; // of the output
    int32_t size;             // groups of a shuffle, copies, or channels of a group maximum
} tsr_move_args;
void tsr_copy(const tsr_move_args *args);          // out[c] = in[c]
void tsr_shuffle(const tsr_move_args *args);       // out[c] = in[c % size * (channels / size) + c / size]
void tsr_repeat(const tsr_move_args *args);        // out[c] = in[c / size]
void tsr_group_maximum(const tsr_move_args *args); // out[c] = max in[c * size ..< c * size + size]

#define TSR_GENERAL_TABLE(op)                                                                                          \
    typedef struct tsr_##op##_kernel {                                                                                 \
        uint32_t needs;                                                                                                \
        tsr_packing packing; /* none: these weights are as in the model */                                             \
        const char *name;                                                                                              \
        tsr_##op##_fn *run;                                                                                            \
    } tsr_##op##_kernel;                                                                                               \
    const tsr_##op##_kernel *tsr_##op##_table(int32_t *ret_count);

typedef tsr_pair_fn tsr_sum_fn;
typedef tsr_pair_fn tsr_product_fn;
typedef tsr_table_fn tsr_lookup_fn;
TSR_GENERAL_TABLE(window_depthwise)
TSR_GENERAL_TABLE(window_pool)
TSR_GENERAL_TABLE(lookup)
TSR_GENERAL_TABLE(sum)
TSR_GENERAL_TABLE(product)

#endif
