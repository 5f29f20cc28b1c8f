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

// A UDP socket for IPv6, or else for IPv4, that no program started from here inherits; one that never waits, or waits. -1
// and errno. (Which Swift module shows the SOCK_ constants depends on which others a compiler has read before.)
int datagrams_socket(int is_v6, int waits);

// Waits for one datagram, and takes what else is there. How many, or -1 and errno.
int datagrams_receive(int socket, struct datagram_slot *slots, unsigned int count);

// Waits for nothing. How many left, in order; -1 and errno when the first did not.
int datagrams_send(int socket, struct datagram_slot *slots, unsigned int count);

// Room for the control message that comes with a slot.
struct datagram_control {
  uint64_t room[3];
};

// Room for the control messages that go with a slot.
struct datagram_order {
  uint64_t room[11];
};

// Where a datagram leaves from, as far as it is not for the system to say.
struct datagram_origin {
  // In network order, the first four bytes of it for IPv4; all zero: any.
  uint8_t address[16];
  // The index of an interface; 0: any.
  uint32_t interface;
  // Type of service or traffic class; -1: that of the socket.
  int32_t traffic_class;
};

// Binds a socket to the interface with this index (SO_BINDTOIFINDEX, Linux 5.1). 0, or -1 and errno.
int datagrams_bind_to_interface(int socket, uint32_t interface);

// Whether the socket takes several datagrams as one (UDP_SEGMENT, Linux 4.18).
int datagrams_can_be_joined(int socket);

// From now on the socket brings several datagrams of one sender as one (UDP_GRO, Linux 5.0; before it nothing changes).
void datagrams_receive_joined(int socket);

// What the slot sends leaves from the origin, unless that is NULL, and is datagrams of this size one behind the other, the
// last of which may be shorter; 0: it is one.
void datagram_set_order(struct datagram_slot *slot, struct datagram_order *order, int is_v6,
                        const struct datagram_origin *origin, uint16_t size);

// What the slot received are datagrams of this size one behind the other, the last of which may be shorter; 0: it is one.
uint32_t datagram_joined(const struct datagram_slot *slot);

// How many found no room in the socket's buffer since it was made.
uint32_t datagrams_overflowed(int socket);
