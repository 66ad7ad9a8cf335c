// Everything Swift sees of the kernels.
#include "tsr_general.h"
#include "tsr_kernels.h"
#include "tsr_peak.h"
