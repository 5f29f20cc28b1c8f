#define _GNU_SOURCE
#include "CDatagram.h"
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>

#define SAME(ours, ourMember, system, systemMember) \
  _Static_assert(offsetof(ours, ourMember) == offsetof(system, systemMember), #ourMember)

SAME(struct datagram_part, base, struct iovec, iov_base);
SAME(struct datagram_part, size, struct iovec, iov_len);
SAME(struct datagram_slot, name, struct mmsghdr, msg_hdr.msg_name);
SAME(struct datagram_slot, name_size, struct mmsghdr, msg_hdr.msg_namelen);
SAME(struct datagram_slot, parts, struct mmsghdr, msg_hdr.msg_iov);
SAME(struct datagram_slot, part_count, struct mmsghdr, msg_hdr.msg_iovlen);
SAME(struct datagram_slot, control, struct mmsghdr, msg_hdr.msg_control);
SAME(struct datagram_slot, control_size, struct mmsghdr, msg_hdr.msg_controllen);
SAME(struct datagram_slot, flags, struct mmsghdr, msg_hdr.msg_flags);
SAME(struct datagram_slot, size, struct mmsghdr, msg_len);
_Static_assert(sizeof(struct datagram_part) == sizeof(struct iovec), "iovec");
_Static_assert(sizeof(struct datagram_slot) == sizeof(struct mmsghdr), "mmsghdr");
_Static_assert(sizeof(struct datagram_control) == CMSG_SPACE(sizeof(int)), "cmsghdr");
_Static_assert(
    sizeof(struct datagram_order) ==
        CMSG_SPACE(sizeof(uint16_t)) + CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct in6_pktinfo)),
    "cmsghdr");

int datagrams_socket(int is_v6, int waits) {
  return socket(is_v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | (waits ? 0 : SOCK_NONBLOCK), 0);
}

int datagrams_receive(int socket, struct datagram_slot *slots, unsigned int count) {
  return recvmmsg(socket, (struct mmsghdr *)slots, count, MSG_WAITFORONE, NULL);
}

int datagrams_send(int socket, struct datagram_slot *slots, unsigned int count) {
  return sendmmsg(socket, (struct mmsghdr *)slots, count, MSG_DONTWAIT);
}

int datagrams_can_be_joined(int socket) {
  int size;
  socklen_t length = sizeof size;
  return getsockopt(socket, SOL_UDP, UDP_SEGMENT, &size, &length) == 0;
}

void datagrams_receive_joined(int socket) {
  int on = 1;
  setsockopt(socket, SOL_UDP, UDP_GRO, &on, sizeof on);
}

int datagrams_bind_to_interface(int socket, uint32_t interface) {
  int index = (int)interface;
  return setsockopt(socket, SOL_SOCKET, SO_BINDTOIFINDEX, &index, sizeof index);
}

static void append(struct datagram_slot *slot, int level, int type, const void *data, size_t size) {
  struct cmsghdr *header = (struct cmsghdr *)((char *)slot->control + slot->control_size);
  header->cmsg_level = level;
  header->cmsg_type = type;
  header->cmsg_len = CMSG_LEN(size);
  memcpy(CMSG_DATA(header), data, size);
  slot->control_size += CMSG_SPACE(size);
}

void datagram_set_order(struct datagram_slot *slot, struct datagram_order *order, int is_v6,
                        const struct datagram_origin *origin, uint16_t size) {
  slot->control = origin == NULL && size == 0 ? NULL : order;
  slot->control_size = 0;
  if (origin != NULL && is_v6) {
    struct in6_pktinfo information = {.ipi6_ifindex = origin->interface};
    memcpy(&information.ipi6_addr, origin->address, sizeof information.ipi6_addr);
    append(slot, IPPROTO_IPV6, IPV6_PKTINFO, &information, sizeof information);
  } else if (origin != NULL) {
    struct in_pktinfo information = {.ipi_ifindex = (int)origin->interface};
    memcpy(&information.ipi_spec_dst, origin->address, sizeof information.ipi_spec_dst);
    append(slot, IPPROTO_IP, IP_PKTINFO, &information, sizeof information);
  }
  if (origin != NULL && origin->traffic_class >= 0) {
    int value = origin->traffic_class;
    append(slot, is_v6 ? IPPROTO_IPV6 : IPPROTO_IP, is_v6 ? IPV6_TCLASS : IP_TOS, &value, sizeof value);
  }
  if (size > 0) append(slot, SOL_UDP, UDP_SEGMENT, &size, sizeof size);
}

uint32_t datagram_joined(const struct datagram_slot *slot) {
  const struct cmsghdr *header = slot->control;
  int size;
  if (slot->control_size < CMSG_LEN(sizeof size) || header->cmsg_level != SOL_UDP || header->cmsg_type != UDP_GRO) {
    return 0;
  }
  memcpy(&size, CMSG_DATA(header), sizeof size);
  return size > 0 ? (uint32_t)size : 0;
}

uint32_t datagrams_overflowed(int socket) {
  uint32_t values[SK_MEMINFO_VARS] = {0};
  socklen_t size = sizeof values;
  getsockopt(socket, SOL_SOCKET, SO_MEMINFO, values, &size);
  return values[SK_MEMINFO_DROPS];
}
