// Preloaded into a program, makes system calls fail as they do on a bad day; TARSIER_FAULTS says which, separated by
// blanks:
//
//   short       every read and write of more than one byte moves fewer bytes than asked for
//   eintr=N     every Nth read, write, fsync, accept4, poll and epoll_wait is interrupted
//   enospc=N    the disk is full after N bytes written to regular files
//   efsync      fsync fails with EIO
//   efolder     fsync of a folder fails with EIO
//   erofs       Unix sockets cannot be bound: the folder is read-only
//   clock=S     the wall clock jumps S seconds forth and back, once a second
//   tell        no fault: each fsync and rename that goes well is a line 'call: fsync PATH', 'call: rename OLD NEW'
//
// Counts what it did and says so on standard error at the end, so that a test can tell a fault that never came.
#pragma once
