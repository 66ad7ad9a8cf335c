// The kernels: pure functions on the caller's memory, any thread, no state. One table per operation, best first,
// the scalar last; the scalar is the plain formula, normative and never optimised.
//
// Unless a comment says otherwise a kernel reads and writes exactly the bytes named, and inputs and outputs do not
// overlap. Packed weights are 64-byte aligned; nothing else needs alignment, though quads cells lie on 64 bytes in
// practice.
#ifndef TSR_KERNELS_H
#define TSR_KERNELS_H

#include "tsr_cpu.h"
#include "tsr_layout.h"
#include "tsr_pack.h"
#include "tsr_requant.h"

// ---- pointwise (1x1 convolution), from pixels or panel -----------------------------------------------------------
//   acc[r][x][c] = bias'[c] + sum_k in[r][x][k] * w[c][k]

// ... into quads, for a depthwise layer to read.
typedef struct tsr_pointwise_quads_args {
    tsr_pixels in;
    const void *weights; // packed, `blocks` blocks
    int32_t blocks;      // output channels / 16, rounded up
    tsr_output output;
    uint8_t *const *out_rows; // [rows] quad rows; writes groups 0..G-1 of every block, slots beyond the width hold zp
    size_t out_block_stride;  // bytes
} tsr_pointwise_quads_args;
typedef void tsr_pointwise_quads_fn(const tsr_pointwise_quads_args *args);

// ... into pixels, with an optional skip of the same geometry as the output; `skip` may be equal to `out`.
typedef struct tsr_pointwise_pixels_args {
    tsr_pixels in;
    const void *weights; // packed, ceil(channels / 16) blocks
    int32_t channels;    // output channels; exactly these bytes of each pixel are written
    tsr_output output;
    uint8_t *out;
    size_t out_row_stride;   // bytes
    size_t out_pixel_stride; // bytes
    const uint8_t *skip;     // NULL, or stored bytes with the output's strides
    int32_t skip_zero_point; // logical
    float skip_multiplier;
} tsr_pointwise_pixels_args;
typedef void tsr_pointwise_pixels_fn(const tsr_pointwise_pixels_args *args);

// ---- depthwise 3x3, padding 1 on all sides, quads into panel -------------------------------------------------------
//   acc[y][x][c] = bias'[c] + sum_{i,j} in[y * stride + i][x * stride + j - 1][c] * w[c][i][j]
typedef struct tsr_depthwise3x3_args {
    const uint8_t *const *rows; // [(out_rows - 1) * stride + 3] quad rows; a row outside the picture is all zp
    size_t block_stride;        // bytes
    const void *weights;        // packed for this stride
    int32_t blocks;
    tsr_output output;
    int32_t out_rows;        // at least 1
    int32_t out_groups;      // ceil(output width / 4); reads groups -1 .. stride * out_groups (stride 1) or
                             // -1 .. 2 * out_groups - 1 (stride 2)
    uint8_t *out;            // block 0 of the panel's first group
    size_t out_group_stride; // bytes, at least blocks * 64; more where the panel has other blocks too
    size_t out_row_stride;   // bytes, at least out_groups * out_group_stride
} tsr_depthwise3x3_args;
typedef void tsr_depthwise3x3_fn(const tsr_depthwise3x3_args *args);

// ---- stem: 3x3 convolution of RGB pixels, stride 2, padding 1, into quads -------------------------------------------
//   acc[y][x][c] = bias'[c] + sum_{i,j,k} pixel(2y + i, 2x + j - 1, k) * w[c][i][j][k]
// Input bytes are the camera's, on every CPU: u8, real 0 at 128. Rows carry a border pixel of 128 on both sides.
#define TSR_STEM_SLACK 16 // bytes behind the last border pixel that a kernel may read
typedef struct tsr_stem3x3_args {
    const uint8_t *const *rows; // [2 * out_rows + 1], each pointing at the left border pixel;
                                // 3 * (2 * out_width + 1) bytes + TSR_STEM_SLACK readable
    const void *weights;        // packed
    int32_t blocks;
    tsr_output output;
    int32_t out_height; // rows to compute
    int32_t out_width;  // pixels
    uint8_t *const *out_rows;
    size_t out_block_stride; // bytes
} tsr_stem3x3_args;
typedef void tsr_stem3x3_fn(const tsr_stem3x3_args *args);

// ---- interleave: pixels into quads, the bytes unchanged ------------------------------------------------------------
typedef struct tsr_interleave_args {
    tsr_pixels in;    // pixels layout (run_stride 4)
    int32_t channels; // channels beyond it in the last block become `zero_point`
    int32_t blocks;
    int32_t zero_point; // logical, for the slots beyond the width
    uint8_t *const *out_rows;
    size_t out_block_stride;
} tsr_interleave_args;
typedef void tsr_interleave_fn(const tsr_interleave_args *args);

// ---- global average pool, pixels -----------------------------------------------------------------------------------
//   out[c] = requantize(sum_p in[p][c] + bias, m),  bias = -pixels * (zp_in + TSR_STORED_BIAS)
typedef struct tsr_pool_args {
    const uint8_t *in;
    size_t pixel_stride; // bytes
    int32_t pixels;      // at most 2^20
    int32_t channels;
    int32_t bias;
    float multiplier;
    tsr_output output;
    uint8_t *out; // [channels]
} tsr_pool_args;
typedef void tsr_pool_fn(const tsr_pool_args *args);

// ---- dense: one pixel, real logits ----------------------------------------------------------------------------------
//   out[c] = f32(bias'[c] + sum_k in[k] * w[c][k]) * m[c]
typedef struct tsr_dense_args {
    const uint8_t *in; // [4 * runs]
    int32_t runs;
    const void *weights; // packed as pointwise
    int32_t channels;
    float *out; // [channels]
} tsr_dense_args;
typedef void tsr_dense_fn(const tsr_dense_args *args);

// ---- tables ---------------------------------------------------------------------------------------------------------
// A kernel as data: what it needs, how its weights are packed, what it is called.
#define TSR_TABLE(op)                                                                                                  \
    typedef struct tsr_##op##_kernel {                                                                                 \
        uint32_t needs;                                                                                                \
        tsr_packing packing;                                                                                           \
        const char *name;                                                                                              \
        tsr_##op##_fn *run;                                                                                            \
    } tsr_##op##_kernel;                                                                                               \
    const tsr_##op##_kernel *tsr_##op##_table(int32_t *ret_count);

TSR_TABLE(pointwise_quads)
TSR_TABLE(pointwise_pixels)
typedef tsr_depthwise3x3_fn tsr_depthwise3x3s1_fn;
typedef tsr_depthwise3x3_fn tsr_depthwise3x3s2_fn;
TSR_TABLE(depthwise3x3s1)
TSR_TABLE(depthwise3x3s2)
TSR_TABLE(stem3x3)
TSR_TABLE(interleave)
TSR_TABLE(pool)
TSR_TABLE(dense)

#endif
