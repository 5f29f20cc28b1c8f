// recvmmsg(2), sendmmsg(2) and what a socket says of its memory, for Swift: the system's own headers show these for
// _GNU_SOURCE only, which a header of a module must not define, since other modules read the same headers without.

#pragma once
#include <stddef.h>
#include <stdint.h>

// struct iovec
struct datagram_part {
  void *base;
  size_t size;
};

// struct mmsghdr
struct datagram_slot {
  void *name;
  uint32_t name_size;
  struct datagram_part *parts;
  size_t part_count;
  void *control;
  size_t control_size;
  int flags;
  int unused;
  uint32_t size;
};

// Waits for one datagram, and takes what else is there. How many, or -1 and errno.
int datagrams_receive(int socket, struct datagram_slot *slots, unsigned int count);

// Waits for nothing. How many left, in order; -1 and errno when the first did not.
int datagrams_send(int socket, struct datagram_slot *slots, unsigned int count);

// How many found no room in the socket's buffer since it was made.
uint32_t datagrams_overflowed(int socket);
