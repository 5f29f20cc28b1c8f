// RegistrationDaemon
