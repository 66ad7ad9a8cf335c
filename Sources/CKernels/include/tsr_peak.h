// Loops that do nothing but multiply and add bytes, as fast as the CPU can: the measure of what a kernel could reach.
#ifndef TSR_PEAK_H
#define TSR_PEAK_H

#include "tsr_cpu.h"

typedef struct tsr_peak {
    uint32_t needs;
    const char *name; // the instruction
    int64_t macs;     // multiply-accumulates a step
    void (*run)(int64_t steps);
} tsr_peak;

// Best first; empty where we know no such instruction. Any thread; registers only.
const tsr_peak *tsr_peak_table(int32_t *ret_count);

#endif
