// Counts every allocation of a process, whichever library makes it: malloc and its relatives are defined here, pass the
// work on to the C library, and at the end of the process say how often they were called. A shared library for
// LD_PRELOAD, so that the very program that ships is counted. For tests; glibc only.
#ifndef TSR_ALLOCATION_COUNT_H
#define TSR_ALLOCATION_COUNT_H

// Allocations of all threads so far; calls of realloc count. Any thread.
long tsr_allocation_count(void);

#endif
