// RegistrationControl
