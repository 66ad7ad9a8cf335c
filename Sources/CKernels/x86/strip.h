// A strip of pixels as one sequence of groups of four neighbours, row after row, so that register tiles may span rows
// of a narrow picture. Plain C, no instruction set beyond the base; private to the kernels.
#ifndef TSR_X86_STRIP_H
#define TSR_X86_STRIP_H

#include "tsr_layout.h"

#include <stdbool.h>
#include <string.h>

#define TSR_X86_INLINE static inline __attribute__((always_inline, unused))

// Before a loop over the registers of a tile. Left to itself the compiler unrolls too late to keep an array of sums in
// registers, and stores every sum at every step: 3.5 times slower (clang 21).
#define TSR_X86_UNROLL _Pragma("clang loop unroll(full)")

// Before a short loop around a tile's step, to keep it a loop. Unrolled, the compiler would finish one output after the
// other with four sums in flight: the stem took 120 us instead of 62 (Intel Sapphire Rapids, 2026-11-21, clang 21).
#define TSR_X86_NO_UNROLL _Pragma("clang loop unroll(disable)")

typedef struct tsr_strip {
    const tsr_pixels *in;
    int32_t groups; // in a row
    int32_t total;  // in the strip
    int32_t whole;  // the first so many may be read as four pixels without leaving the strip's memory
} tsr_strip;

typedef struct tsr_strip_group {
    const uint8_t *in;
    int32_t row, index; // index: in the row
    int32_t valid;      // pixels, 1..4
} tsr_strip_group;

TSR_X86_INLINE bool tsr_is_panel(const tsr_pixels *in) { return in->run_stride == 16 && in->pixel_stride == 4; }

TSR_X86_INLINE tsr_strip_group tsr_strip_at(const tsr_strip *s, int32_t row, int32_t index) {
    const int32_t left = s->in->width - TSR_GROUP * index;
    return (tsr_strip_group){
        .in = s->in->data + (size_t)row * s->in->row_stride + (size_t)index * s->in->group_stride,
        .row = row,
        .index = index,
        .valid = left < TSR_GROUP ? left : TSR_GROUP,
    };
}

TSR_X86_INLINE tsr_strip_group tsr_strip_next(const tsr_strip *s, tsr_strip_group g) {
    return g.index + 1 < s->groups ? tsr_strip_at(s, g.row, g.index + 1) : tsr_strip_at(s, g.row + 1, 0);
}

// A panel's surplus slots exist. In pixels a narrow group's missing neighbours are the next row's first pixels,
// harmless to read and thrown away, except at the end of the last row.
TSR_X86_INLINE tsr_strip tsr_strip_of(const tsr_pixels *in) {
    tsr_strip s = {.in = in, .groups = (in->width + TSR_GROUP - 1) / TSR_GROUP};
    s.total = s.whole = in->rows * s.groups;
    if (tsr_is_panel(in)) return s;
    const tsr_strip_group last = tsr_strip_at(&s, in->rows - 1, s.groups - 1);
    const uint8_t *end = last.in + (size_t)last.valid * in->pixel_stride;
    while (s.whole > 0) {
        const int32_t t = s.whole - 1;
        if (tsr_strip_at(&s, t / s.groups, t % s.groups).in + TSR_GROUP * in->pixel_stride <= end) break;
        s.whole = t;
    }
    return s;
}

TSR_X86_INLINE int32_t tsr_load4(const uint8_t *p) {
    int32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

#endif
