// Sums of bytes times 22-bit weights by vpdpbusd: a weight is three signed digits of base 256, so a sum is three exact
// sums of four products each, put together by shifts. The same integers as the formula, modulo 2^32, and they are below
// 2^31.
#if defined(__x86_64__)
#include "builds.h"

#include <immintrin.h>

#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni,avx512dq"))), apply_to = function                      \
)
#define BUILD(function) function##__avx512vnni
#define BUILD_NAME "avx512vnni"
static void down_vnni(
    const uint8_t *source, size_t stride, int32_t first, int32_t shift, const int32_t *weights, int32_t taps,
    size_t count, uint8_t *out
);
static void across_vnni(
    const uint8_t *source, size_t readable, int32_t step, const int32_t *first, const int32_t *taps,
    const int32_t *weights, int32_t stride, const int8_t *digits, int32_t groups, size_t count, uint8_t *out
);
static void yuv_to_rgb_wide(const uint8_t *yuvx, size_t count, uint8_t *rgb);
static void unpack_yuyv_wide(const uint8_t *row, size_t offset, size_t count, uint8_t *yuvx);
static void unpack_uyvy_wide(const uint8_t *row, size_t offset, size_t count, uint8_t *yuvx);
#define BUILD_DOWN down_vnni
#define BUILD_ACROSS across_vnni
#define BUILD_YUV_TO_RGB yuv_to_rgb_wide
#define BUILD_UNPACK_YUYV unpack_yuyv_wide
#define BUILD_UNPACK_UYVY unpack_uyvy_wide
#include "body.inc"

// Rows that are summed at a time; more go to the plain loop.
enum { GROUPS_MAX = 8 };

typedef struct {
    __m512i low, middle, high;
} sums;

static inline sums start(void) {
    return (sums){_mm512_set1_epi32(HALF), _mm512_setzero_si512(), _mm512_setzero_si512()};
}

static inline void add(sums *s, __m512i bytes, __m512i low, __m512i middle, __m512i high) {
    s->low = _mm512_dpbusd_epi32(s->low, bytes, low);
    s->middle = _mm512_dpbusd_epi32(s->middle, bytes, middle);
    s->high = _mm512_dpbusd_epi32(s->high, bytes, high);
}

static inline __m512i finish(sums s) {
    __m512i sum = _mm512_add_epi32(s.low, _mm512_slli_epi32(s.middle, 8));
    sum = _mm512_add_epi32(sum, _mm512_slli_epi32(s.high, 16));
    return _mm512_srai_epi32(sum, TSR_IMAGING_WEIGHT_BITS);
}

static void down_vnni(
    const uint8_t *source, size_t stride, int32_t first, int32_t shift, const int32_t *weights, int32_t taps,
    size_t count, uint8_t *out
) {
    int32_t groups = (taps + 3) / 4;
    if (groups > GROUPS_MAX || count < 64) {
        BUILD(down)(source, stride, first, shift, weights, taps, count, out);
        return;
    }
    // A row that is missing in the last group is the last one once more, and weighs nothing.
    const uint8_t *rows[4 * GROUPS_MAX];
    __m512i digits[GROUPS_MAX][3];
    for (int32_t g = 0; g < groups; g++) {
        uint32_t packed[3] = {0, 0, 0};
        for (int32_t t = 0; t < 4; t++) {
            int32_t tap = 4 * g + t < taps ? 4 * g + t : taps - 1;
            int32_t weight = 4 * g + t < taps ? weights[tap] : 0;
            rows[4 * g + t] = source + (size_t)((first + tap) >> shift) * stride;
            int32_t low = (int8_t)weight, middle = (int8_t)((weight - low) >> 8);
            int32_t high = (weight - low - middle * 256) >> 16;
            packed[0] |= (uint32_t)(uint8_t)low << 8 * t;
            packed[1] |= (uint32_t)(uint8_t)middle << 8 * t;
            packed[2] |= (uint32_t)(uint8_t)high << 8 * t;
        }
        for (int d = 0; d < 3; d++) {
            digits[g][d] = _mm512_set1_epi32((int32_t)packed[d]);
        }
    }
    for (size_t i = 0;;) {
        sums s[4] = {start(), start(), start(), start()};
        for (int32_t g = 0; g < groups; g++) {
            __m512i a = _mm512_loadu_si512(rows[4 * g] + i), b = _mm512_loadu_si512(rows[4 * g + 1] + i);
            __m512i c = _mm512_loadu_si512(rows[4 * g + 2] + i), d = _mm512_loadu_si512(rows[4 * g + 3] + i);
            __m512i ab = _mm512_unpacklo_epi8(a, b), cd = _mm512_unpacklo_epi8(c, d);
            __m512i ab_high = _mm512_unpackhi_epi8(a, b), cd_high = _mm512_unpackhi_epi8(c, d);
            add(&s[0], _mm512_unpacklo_epi16(ab, cd), digits[g][0], digits[g][1], digits[g][2]);
            add(&s[1], _mm512_unpackhi_epi16(ab, cd), digits[g][0], digits[g][1], digits[g][2]);
            add(&s[2], _mm512_unpacklo_epi16(ab_high, cd_high), digits[g][0], digits[g][1], digits[g][2]);
            add(&s[3], _mm512_unpackhi_epi16(ab_high, cd_high), digits[g][0], digits[g][1], digits[g][2]);
        }
        // Packing within 128 bits undoes the unpacking, and saturates as the formula does.
        __m512i words = _mm512_packs_epi32(finish(s[0]), finish(s[1]));
        __m512i more = _mm512_packs_epi32(finish(s[2]), finish(s[3]));
        _mm512_storeu_si512(out + i, _mm512_packus_epi16(words, more));
        if (i + 64 == count) {
            return;
        }
        // The last block ends with the row, over columns that are done already: `out` overlaps no row.
        i = i + 128 <= count ? i + 64 : count - 64;
    }
}

static void across_vnni(
    const uint8_t *source, size_t readable, int32_t step, const int32_t *first, const int32_t *taps,
    const int32_t *weights, int32_t stride, const int8_t *digits, int32_t groups, size_t count, uint8_t *out
) {
    // Within 128 bits: four pixels become four bytes of each channel; the fourth channel of three is none.
    const __m512i gather4 = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
    const __m512i gather3 = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11, -1, -1, -1, -1));
    const __m512i gather = step == 3 ? gather3 : gather4;
    const __m512i spread = _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
    const __m128i narrow3 = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
    size_t reach = (size_t)(groups - 1) * 4 * (size_t)step + 16;
    size_t i = 0;
    for (; i + 4 <= count && (size_t)first[i + 3] * (size_t)step + reach <= readable; i += 4) {
        const uint8_t *a = source + (size_t)first[i] * (size_t)step;
        const uint8_t *b = source + (size_t)first[i + 1] * (size_t)step;
        const uint8_t *c = source + (size_t)first[i + 2] * (size_t)step;
        const uint8_t *d = source + (size_t)first[i + 3] * (size_t)step;
        const int8_t *own = digits + i / 4 * (size_t)groups * 48;
        sums s = start();
        for (int32_t g = 0; g < groups; g++, own += 48) {
            __m256i ab = _mm256_inserti128_si256(
                _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)a)), _mm_loadu_si128((const __m128i *)b), 1
            );
            __m256i cd = _mm256_inserti128_si256(
                _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)c)), _mm_loadu_si128((const __m128i *)d), 1
            );
            __m512i bytes = _mm512_shuffle_epi8(_mm512_inserti64x4(_mm512_castsi256_si512(ab), cd, 1), gather);
            __m512i weight[3];
            for (int digit = 0; digit < 3; digit++) {
                __m128i four = _mm_loadu_si128((const __m128i *)(own + 16 * digit));
                weight[digit] = _mm512_permutexvar_epi32(spread, _mm512_castsi128_si512(four));
            }
            add(&s, bytes, weight[0], weight[1], weight[2]);
            a += 4 * step;
            b += 4 * step;
            c += 4 * step;
            d += 4 * step;
        }
        // Not negative, and at most 511: saturation is the formula's minimum.
        __m128i pixels = _mm512_cvtusepi32_epi8(finish(s));
        if (step == 4) {
            _mm_storeu_si128((__m128i *)(out + 4 * i), pixels);
        } else {
            _mm_mask_storeu_epi8(out + 3 * i, 0x0FFF, _mm_shuffle_epi8(pixels, narrow3));
        }
    }
    BUILD(across)
    (source, readable, step, first + i, taps + i, weights + i * (size_t)stride, stride, digits, groups, count - i,
     out + i * (size_t)step);
}

// A pair of words a pixel, times a pair of coefficients.
static inline __m512i dot(__m512i words, int16_t first, int16_t second) {
    return _mm512_madd_epi16(words, _mm512_set1_epi32((int32_t)((uint32_t)(uint16_t)second << 16 | (uint16_t)first)));
}

static inline __m512i byte_of(__m512i sum, int32_t constant) {
    __m512i value = _mm512_srai_epi32(_mm512_add_epi32(sum, _mm512_set1_epi32(constant)), 8);
    return _mm512_min_epi32(_mm512_max_epi32(value, _mm512_setzero_si512()), _mm512_set1_epi32(255));
}

static void yuv_to_rgb_wide(const uint8_t *yuvx, size_t count, uint8_t *rgb) {
    const __m512i three = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1));
    const __m512i close = _mm512_setr_epi32(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 15, 15, 15, 15);
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        __m512i pixels = _mm512_loadu_si512(yuvx + 4 * i);
        __m512i y = _mm512_and_si512(pixels, _mm512_set1_epi32(0xFF));
        __m512i yv = _mm512_or_si512(y, _mm512_and_si512(pixels, _mm512_set1_epi32(0xFF0000)));
        __m512i yu = _mm512_or_si512(y, _mm512_and_si512(_mm512_slli_epi32(pixels, 8), _mm512_set1_epi32(0xFF0000)));
        // The constants of c, d and e taken together.
        __m512i r = byte_of(dot(yv, 298, 409), 128 - 298 * 16 - 409 * 128);
        __m512i g = byte_of(_mm512_add_epi32(dot(yv, 298, -208), dot(yu, 0, -100)), 128 - 298 * 16 + (208 + 100) * 128);
        __m512i b = byte_of(dot(yu, 298, 516), 128 - 298 * 16 - 516 * 128);
        __m512i all = _mm512_or_si512(r, _mm512_or_si512(_mm512_slli_epi32(g, 8), _mm512_slli_epi32(b, 16)));
        all = _mm512_permutexvar_epi32(close, _mm512_shuffle_epi8(all, three));
        _mm512_mask_storeu_epi32(rgb + 3 * i, 0x0FFF, all);
    }
    BUILD(yuv_to_rgb)(yuvx + 4 * i, count - i, rgb + 3 * i);
}

// Sixteen pixels of 32 bytes at a time; `order` says where Y, U and V of four pixels are in their eight bytes.
static inline size_t unpack_wide(const uint8_t *row, size_t offset, size_t count, uint8_t *yuvx, __m128i order) {
    const __m512i spread = _mm512_setr_epi64(0, 0, 1, 1, 2, 2, 3, 3);
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        __m256i bytes = _mm256_loadu_si256((const __m256i *)(row + 2 * (offset + i)));
        __m512i four = _mm512_permutexvar_epi64(spread, _mm512_castsi256_si512(bytes));
        _mm512_storeu_si512(yuvx + 4 * i, _mm512_shuffle_epi8(four, _mm512_broadcast_i32x4(order)));
    }
    return i;
}

static void unpack_yuyv_wide(const uint8_t *row, size_t offset, size_t count, uint8_t *yuvx) {
    __m128i order = _mm_setr_epi8(0, 1, 3, -1, 2, 1, 3, -1, 4, 5, 7, -1, 6, 5, 7, -1);
    size_t odd = offset & (count > 0);
    BUILD(unpack_yuyv)(row, offset, odd, yuvx);
    offset += odd;
    count -= odd;
    yuvx += 4 * odd;
    size_t i = unpack_wide(row, offset, count, yuvx, order);
    BUILD(unpack_yuyv)(row, offset + i, count - i, yuvx + 4 * i);
}

static void unpack_uyvy_wide(const uint8_t *row, size_t offset, size_t count, uint8_t *yuvx) {
    __m128i order = _mm_setr_epi8(1, 0, 2, -1, 3, 0, 2, -1, 5, 4, 6, -1, 7, 4, 6, -1);
    size_t odd = offset & (count > 0);
    BUILD(unpack_uyvy)(row, offset, odd, yuvx);
    offset += odd;
    count -= odd;
    yuvx += 4 * odd;
    size_t i = unpack_wide(row, offset, count, yuvx, order);
    BUILD(unpack_uyvy)(row, offset + i, count - i, yuvx + 4 * i);
}
#pragma clang attribute pop
#endif
